/** What a wall shows: one thing at a time, what the secretary chose for it or what follows from the sitting. */
import { current } from '../agenda/current'
import type { DisplayView, ItemView, MeetingView, MemberView, PaperView, Presenting, RequestView, Showing, VoteView } from '../contract.gen'
import { pagesMade } from '../documents/order'
import { speaking, waiting } from '../floor/requests'

/** What of a meeting it depends on. */
export interface Sitting {
  meeting: MeetingView | undefined
  display: DisplayView | undefined
  items: ReadonlyMap<number, ItemView>
  papers: ReadonlyMap<number, PaperView>
  votes: ReadonlyMap<number, VoteView>
  requests: ReadonlyMap<number, RequestView>
  members: ReadonlyMap<number, MemberView>
  /** Of secret votes whose ballots are issued. */
  manifests?: ReadonlyMap<number, unknown>
}

/** Who has the floor, and who comes next. */
export interface Speech {
  request: RequestView
  member: MemberView | undefined
  next: RequestView[]
}

export type Shown =
  | { kind: 'blank' | 'before' | 'closed' }
  | { kind: 'result'; vote: VoteView }
  | { kind: 'vote'; vote: VoteView }
  | { kind: 'page'; paper: PaperView; presenting: Presenting; speech: Speech | null; item: ItemView | undefined }
  | { kind: 'speaker'; speech: Speech; item: ItemView | undefined }
  | { kind: 'break'; item: ItemView }
  | { kind: 'item'; item: ItemView | undefined }
  | { kind: 'agenda' | 'roll' }
  | { kind: 'names'; vote: VoteView }
  | { kind: 'message'; text: string }

/** A wall of which nobody has said anything. */
export const FOLLOWING: Showing = { content: 'auto', vote_id: null, text: '' }

/** A result stays this long by itself; longer where the secretary keeps it. */
export const RESULT_MS = 60_000

/** `now` in ms since 1970, by the server's clock. What was chosen stays until another is; what it is about may not be there (yet), then
    the wall follows the sitting meanwhile. */
export function whatToShow(sitting: Sitting, { content, vote_id, text }: Showing, now: number): Shown {
  const { meeting, votes } = sitting
  if (!meeting || content === 'blank') return { kind: 'blank' }
  if (content === 'agenda' || content === 'roll') return { kind: content }
  if (content === 'message') return { kind: 'message', text: text ?? '' }
  const vote = votes.get(vote_id ?? 0)
  if (vote?.state === 'published') return { kind: content === 'names' ? 'names' : 'result', vote }
  if (meeting.state !== 'open') return { kind: meeting.state === 'draft' ? 'before' : 'closed' }
  if (vote && vote.state !== 'draft' && vote.state !== 'annulled') return { kind: 'vote', vote }
  return content === 'auto' ? following(sitting, now) : inHand(sitting, content)
}

/** A result just published gives way to the next vote. */
function following(sitting: Sitting, now: number): Shown {
  const votes = [...sitting.votes.values()].filter((vote) => vote.method !== 'slip') // they are not the hall's business
  const open = votes.find((vote) => vote.state === 'open') ?? votes.find((vote) => vote.state === 'draft' && sitting.manifests?.has(vote.id))
  if (open) return { kind: 'vote', vote: open }
  const decided = newest(votes, now)
  if (decided) return { kind: decided.state === 'published' ? 'result' : 'vote', vote: decided }
  return inHand(sitting)
}

/** In a recess nothing is presented, but somebody may have the floor already. */
function inHand(sitting: Sitting, content: Showing['content'] = 'auto'): Shown {
  const item = current(sitting.items)
  const speech = speechOf(sitting)
  if (content === 'speaker' && speech) return { kind: 'speaker', speech, item }
  if (item?.kind === 'break' && !speech) return { kind: 'break', item }
  const presenting = sitting.display?.presenting
  const paper = sitting.papers.get(presenting?.paper_id ?? 0)
  if (presenting && paper && presenting.page <= pagesMade(paper)) return { kind: 'page', paper, presenting, speech, item }
  if (speech) return { kind: 'speaker', speech, item }
  return { kind: 'item', item }
}

function speechOf({ requests, members }: Sitting): Speech | null {
  const request = speaking(requests.values())
  if (!request) return null
  return { request, member: members.get(request.member_id), next: waiting(requests.values()) }
}

/** The vote that was closed or published last, while that is news. */
function newest(votes: Iterable<VoteView>, now: number): VoteView | undefined {
  const when = (vote: VoteView) => Date.parse((vote.state === 'published' ? vote.published_at : vote.closed_at) ?? '')
  return [...votes]
    .filter((vote) => (vote.state === 'closed' || vote.state === 'published') && now - when(vote) < RESULT_MS)
    .sort((a, b) => when(b) - when(a))[0]
}
