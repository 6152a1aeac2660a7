import { expect, test } from 'vitest'
import type { MemberView, VoteView } from '../contract.gen'
import { rises } from './rising'

const NOW = Date.parse('2026-12-08T02:48:00Z')
const vote = { id: 4, opened_at: '2026-12-08T02:46:00.000Z', published_at: '2026-12-08T02:47:40.000Z' } as VoteView
const delegate = { votes: true, arrived_at: '2026-12-08T01:00:00.000Z' } as MemberView

test('once to ask, once to tell the result while it is news', () => {
  for (const phase of ['asked', 'sending', 'overdue'] as const) expect(rises(vote, phase, delegate, NOW)).toBe('4 asked')
  expect(rises(vote, 'published', delegate, NOW)).toBe('4 2026-12-08T02:47:40.000Z')
  expect(rises(vote, 'published', delegate, NOW + 60_000)).toBeNull()
})

test.each(['none', 'recorded', 'closed', 'annulled'] as const)('not when it is %s', (phase) => {
  expect(rises(vote, phase, delegate, NOW)).toBeNull()
})

test('not before those who do not vote', () => {
  expect(rises(vote, 'asked', { ...delegate, votes: false }, NOW)).toBeNull()
  expect(rises(vote, 'asked', { ...delegate, arrived_at: null }, NOW)).toBeNull()
  expect(rises(vote, 'published', undefined, NOW)).toBeNull()
})
