import { expect, test } from 'vitest'
import type { BallotView, VoteView } from '../contract.gen'
import { atHand, OVERDUE_MS, phase, standing } from './phase'

const vote = (id: number, state: VoteView['state'], opened_at: string | null = `2026-12-08T02:4${id}:00.000Z`) => ({ id, state, opened_at }) as VoteView

test('the open vote is at hand, else the one opened last; never a draft', () => {
  expect(atHand([vote(1, 'open'), vote(2, 'published'), vote(3, 'draft', null)])?.id).toBe(1)
  expect(atHand([vote(1, 'published'), vote(2, 'closed'), vote(3, 'draft', null)])?.id).toBe(2)
  expect(atHand([vote(3, 'draft', null)])).toBeUndefined()
})

test.each([
  ['a guest', { votes: false, arrived_at: '2026-12-08T02:00:00.000Z' }, 'no_vote'],
  ['nobody of the meeting', undefined, 'no_vote'],
  ['never checked in', { votes: true, arrived_at: null }, 'absent'],
  ['there in time', { votes: true, arrived_at: '2026-12-08T02:00:00.000Z' }, 'may'],
  ['came (back) while the vote was open', { votes: true, arrived_at: '2026-12-08T02:41:30.000Z' }, 'late'],
] as const)('%s: %s', (_, member, expected) => {
  expect(standing(member, vote(1, 'open'))).toBe(expected)
})

const ballot: BallotView = { id: 1, answers: [['for']], opinion: null, paper: false, recorded_at: '2026-12-08T02:41:10.000Z' }
const sent = { vote_id: 1, answers: [['for']], opinion: null, since: 1_000 }

test.each([
  ['no vote', undefined, null, undefined, 0, 'none'],
  ['being prepared', vote(1, 'draft', null), null, undefined, 0, 'none'],
  ['open, nothing chosen', vote(1, 'open'), null, undefined, 0, 'asked'],
  ['on its way', vote(1, 'open'), sent, undefined, 1_200, 'sending'],
  ['on its way for long', vote(1, 'open'), sent, undefined, 1_001 + OVERDUE_MS, 'overdue'],
  ['another choice on its way', vote(1, 'open'), sent, ballot, 1_200, 'sending'],
  ['of an earlier vote on its way', vote(2, 'open'), sent, undefined, 1_200, 'asked'],
  ['stored', vote(1, 'open'), null, ballot, 0, 'recorded'],
  ['closed', vote(1, 'closed'), sent, ballot, 0, 'closed'],
  ['published', vote(1, 'published'), null, ballot, 0, 'published'],
  ['annulled', vote(1, 'annulled'), null, ballot, 0, 'annulled'],
] as const)('%s', (_, of, sending, stored, now, expected) => {
  expect(phase(of, sending, stored, now)).toBe(expected)
})
