import { expect, test } from 'vitest'
import type { VoteView } from '../contract.gen'
import { voteInHand } from './hand'

function vote(id: number, state: VoteView['state'], item_id = 1, closed_at = `2026-12-08T02:4${id}:00Z`): VoteView {
  return { id, state, item_id, closed_at } as VoteView
}

test('an open vote comes before all, then one that waits for its result, then the result of the item in hand', () => {
  const votes = [vote(1, 'published'), vote(2, 'published'), vote(3, 'closed', 9), vote(4, 'open', 9), vote(5, 'draft')]
  expect(voteInHand(votes, 1, null)?.id).toBe(4)
  expect(voteInHand(votes.slice(0, 3), 1, null)?.id).toBe(3)
  expect(voteInHand(votes.slice(0, 2), 1, null)?.id).toBe(2)
  expect(voteInHand(votes.slice(0, 2), 7, null)).toBeUndefined()
  expect(voteInHand(votes.slice(0, 2), 7, 1)?.id).toBe(1)
  expect(voteInHand([vote(1, 'annulled'), vote(2, 'draft')], 1, 2)).toBeUndefined()
})
