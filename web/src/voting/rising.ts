import type { BallotView, MemberView, NudgeView, VoteView } from '../contract.gen'
import { type Phase, standing } from './phase'

/** What happened longer ago is no news any more. */
const NEWS_MS = 60_000
/** So near its end a vote is asked about once more. */
const SOON_MS = 10_000

export interface Moment {
  /** Milliseconds since 1970, by the server's clock. */
  now: number
  soon: boolean
  nudge: NudgeView | undefined
  ballot: BallotView | undefined
}

/** Whether the time of an open vote of the sitting is nearly over. */
export function isSoon(vote: Pick<VoteView, 'state' | 'method' | 'closes_at'> | undefined, now: number): boolean {
  return vote?.state === 'open' && vote.method !== 'slip' && vote.closes_at !== null && Date.parse(vote.closes_at) - now < SOON_MS
}

/** Why the sheet of a vote should rise by itself, if it should: once to ask who may vote, again when the secretary reminds them and when
    the time is nearly over, once to say that their ballot was missed, and once to tell the result. */
export function rises(vote: VoteView, phase: Phase, member: MemberView | undefined, { now, soon, nudge, ballot }: Moment): string | null {
  const stands = standing(member, vote)
  if (stands === 'no_vote' || stands === 'absent') return null
  // After a reload a choice may be on its way already: whether it arrives is part of the question.
  if (phase === 'asked' || phase === 'sending' || phase === 'overdue') {
    if (phase === 'asked' && soon) return `${vote.id} soon`
    return nudge && phase === 'asked' ? `${vote.id} ${nudge.at}` : `${vote.id} asked`
  }
  const fresh = (at: string | null) => now - Date.parse(at ?? '') < NEWS_MS
  if (phase === 'closed' && !ballot && stands === 'may' && vote.method === 'named' && fresh(vote.closed_at)) return `${vote.id} missed`
  return phase === 'published' && fresh(vote.published_at) ? `${vote.id} ${vote.published_at}` : null
}
