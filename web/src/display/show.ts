/** What the wall shows: one thing at a time, decided by what happens in the sitting. */
import { current } from '../agenda/current'
import type { DisplayView, ItemView, MeetingView, MemberView, PageView, PaperView, Presenting, RequestView, VoteView } from '../contract.gen'
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
}

/** Who has the floor, and who comes next. */
export interface Speech {
  request: RequestView
  member: MemberView | undefined
  next: MemberView[]
}

export type Shown =
  | { kind: 'blank' | 'before' | 'closed' }
  | { kind: 'result'; vote: VoteView }
  | { kind: 'vote'; vote: VoteView }
  | { kind: 'page'; paper: PaperView; page: PageView; presenting: Presenting; speech: Speech | null; item: ItemView | undefined }
  | { kind: 'speaker'; speech: Speech; item: ItemView | undefined }
  | { kind: 'break'; item: ItemView }
  | { kind: 'item'; item: ItemView | undefined }

/** A result stays this long by itself; longer when the secretary keeps it on the wall. */
export const RESULT_MS = 60_000

/** `now` in ms since 1970, by the server's clock. A result kept on the wall stands until it is let go; one just published gives way
    to the next vote. */
export function whatToShow(sitting: Sitting, now: number): Shown {
  const { meeting, display, votes } = sitting
  if (!meeting || display?.mode === 'blank') return { kind: 'blank' }
  if (meeting.state === 'closed') return { kind: 'closed' }
  if (meeting.state === 'draft') return { kind: 'before' }
  const kept = votes.get(display?.vote_id ?? 0)
  if (kept?.state === 'published') return { kind: 'result', vote: kept }
  const open = [...votes.values()].find((vote) => vote.state === 'open')
  if (open) return { kind: 'vote', vote: open }
  const decided = newest(votes.values(), now)
  if (decided) return { kind: decided.state === 'published' ? 'result' : 'vote', vote: decided }
  return inHand(sitting)
}

/** In a recess nothing is presented, but somebody may have the floor already. */
function inHand(sitting: Sitting): Shown {
  const item = current(sitting.items)
  const speech = speechOf(sitting)
  if (item?.kind === 'break' && !speech) return { kind: 'break', item }
  const presenting = sitting.display?.presenting
  const paper = sitting.papers.get(presenting?.paper_id ?? 0)
  const page = paper?.pages[(presenting?.page ?? 0) - 1]
  if (presenting && paper && page) return { kind: 'page', paper, page, presenting, speech, item }
  if (speech) return { kind: 'speaker', speech, item }
  return { kind: 'item', item }
}

function speechOf({ requests, members }: Sitting): Speech | null {
  const request = speaking(requests.values())
  if (!request) return null
  const next = waiting(requests.values()).flatMap((one) => members.get(one.member_id) ?? [])
  return { request, member: members.get(request.member_id), next }
}

/** The vote that was closed or published last, while that is news. */
function newest(votes: Iterable<VoteView>, now: number): VoteView | undefined {
  const when = (vote: VoteView) => Date.parse((vote.state === 'published' ? vote.published_at : vote.closed_at) ?? '')
  return [...votes]
    .filter((vote) => (vote.state === 'closed' || vote.state === 'published') && now - when(vote) < RESULT_MS)
    .sort((a, b) => when(b) - when(a))[0]
}
