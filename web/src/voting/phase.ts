/** What a vote asks of one member, and which vote is at hand. */
import type { BallotView, MemberView, VoteView } from '../contract.gen'
import type { Sending } from './casting.svelte'

/** Whether a member may vote, as far as this tablet can know: the list was frozen at the opening, and the server has it.
    `late`: came in (again) after the opening; only the server knows whether they were there at the opening. */
export type Standing = 'may' | 'late' | 'absent' | 'no_vote'

export function standing(member: Pick<MemberView, 'votes' | 'arrived_at'> | undefined, vote: Pick<VoteView, 'opened_at' | 'method'>): Standing {
  if (!member?.votes) return 'no_vote'
  if (vote.method === 'slip') return 'may'
  if (!member.arrived_at) return 'absent'
  return vote.opened_at && member.arrived_at > vote.opened_at ? 'late' : 'may'
}

/** The open vote, of the sitting before an opinion slip; else the one opened last. Drafts are the secretary's. */
export function atHand(votes: Iterable<VoteView>): VoteView | undefined {
  const begun = [...votes].filter((vote) => vote.opened_at).sort((a, b) => (a.opened_at! < b.opened_at! ? 1 : -1))
  const open = begun.filter((vote) => vote.state === 'open')
  return open.find((vote) => vote.method !== 'slip') ?? open[0] ?? begun[0]
}

/** `issued`: of a secret vote that is not open yet, the ballot is there. `overdue`: sent, and for a while not acknowledged. */
export type Phase = 'none' | 'issued' | 'asked' | 'sending' | 'overdue' | 'recorded' | 'closed' | 'published' | 'annulled'

/** An acknowledgement takes a fraction of a second; after this the person is told that it is not there yet. */
export const OVERDUE_MS = 3_000

export function phase(vote: VoteView | undefined, sending: Sending | null, ballot: BallotView | undefined, now: number): Phase {
  if (!vote || vote.state === 'draft') return 'none'
  if (vote.state !== 'open') return vote.state
  if (sending?.vote_id === vote.id) return now - sending.since > OVERDUE_MS ? 'overdue' : 'sending'
  return ballot ? 'recorded' : 'asked'
}
