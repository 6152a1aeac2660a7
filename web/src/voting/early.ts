import { clock } from '../clock.svelte'
import type { VoteView } from '../contract.gen'

/** Whether closing now would shut somebody out who still could vote: some have not, and there is time left. */
export function closesEarly(vote: Pick<VoteView, 'cast' | 'electorate' | 'closes_at'>): boolean {
  return vote.cast < vote.electorate && (vote.closes_at === null || Date.parse(vote.closes_at) > clock.read())
}
