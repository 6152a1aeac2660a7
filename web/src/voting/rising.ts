import type { MemberView, VoteView } from '../contract.gen'
import { type Phase, standing } from './phase'

/** A result published longer ago is no news any more. */
const NEWS_MS = 60_000

/** Why the sheet of a vote should rise by itself, if it should: once to ask who may vote, once to tell them the result. */
export function rises(vote: VoteView, phase: Phase, member: MemberView | undefined, now: number): string | null {
  const stands = standing(member, vote)
  if (stands === 'no_vote' || stands === 'absent') return null
  // After a reload a choice may be on its way already: whether it arrives is part of the question.
  if (phase === 'asked' || phase === 'sending' || phase === 'overdue') return `${vote.id} asked`
  const news = phase === 'published' && now - Date.parse(vote.published_at ?? '') < NEWS_MS
  return news ? `${vote.id} ${vote.published_at}` : null
}
