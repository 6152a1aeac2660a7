/** Which vote concerns people now. */
import type { VoteView } from '../contract.gen'

/** Of the sitting, without opinion slips: the open one; else the one that waits to be published; else the last published one of this item, or the one kept on the wall. */
export function voteInHand(votes: Iterable<VoteView>, itemId: number | null, onWall: number | null): VoteView | undefined {
  const all = [...votes].filter((vote) => vote.method !== 'slip')
  const last = (state: VoteView['state'], of = all) =>
    of.filter((vote) => vote.state === state).sort((a, b) => (b.closed_at ?? '').localeCompare(a.closed_at ?? ''))[0]
  return (
    last('open') ??
    last('closed') ??
    all.find((vote) => vote.id === onWall && vote.state === 'published') ??
    last('published', all.filter((vote) => vote.item_id === itemId))
  )
}
