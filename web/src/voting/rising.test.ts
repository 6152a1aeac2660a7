import { expect, test } from 'vitest'
import type { BallotView, MemberView, VoteView } from '../contract.gen'
import { isSoon, type Moment, rises } from './rising'

const NOW = Date.parse('2026-12-08T02:48:00Z')
const vote = {
  id: 4, method: 'named', opened_at: '2026-12-08T02:46:00.000Z', closed_at: '2026-12-08T02:47:30.000Z', published_at: '2026-12-08T02:47:40.000Z',
} as VoteView // prettier-ignore
const delegate = { votes: true, arrived_at: '2026-12-08T01:00:00.000Z' } as MemberView
const moment = (more: Partial<Moment> = {}): Moment => ({ now: NOW, soon: false, nudge: undefined, ballot: undefined, ...more })

test('once to ask, once to tell the result while it is news', () => {
  for (const phase of ['asked', 'sending', 'overdue'] as const) expect(rises(vote, phase, delegate, moment())).toBe('4 asked')
  expect(rises(vote, 'published', delegate, moment())).toBe('4 2026-12-08T02:47:40.000Z')
  expect(rises(vote, 'published', delegate, moment({ now: NOW + 60_000 }))).toBeNull()
})

test('again when reminded and when the time is nearly over, not while the ballot is on its way', () => {
  const nudge = { id: 4, at: '2026-12-08T02:46:30.000Z' }
  expect(rises(vote, 'asked', delegate, moment({ nudge }))).toBe(`4 ${nudge.at}`)
  expect(rises(vote, 'asked', delegate, moment({ nudge, soon: true }))).toBe('4 soon')
  expect(rises(vote, 'sending', delegate, moment({ nudge, soon: true }))).toBe('4 asked')
})

test('closed without one’s ballot: it is said, while that is news, to who could have voted', () => {
  expect(rises(vote, 'closed', delegate, moment())).toBe('4 missed')
  expect(rises(vote, 'closed', delegate, moment({ ballot: {} as BallotView }))).toBeNull()
  expect(rises(vote, 'closed', delegate, moment({ now: NOW + 60_000 }))).toBeNull()
  expect(rises(vote, 'closed', { ...delegate, arrived_at: '2026-12-08T02:47:00.000Z' }, moment())).toBeNull()
  expect(rises({ ...vote, method: 'secret' }, 'closed', delegate, moment())).toBeNull()
})

test.each(['none', 'recorded', 'annulled'] as const)('not when it is %s', (phase) => {
  expect(rises(vote, phase, delegate, moment())).toBeNull()
})

test('not before those who do not vote; a slip asks who is not there, too', () => {
  expect(rises(vote, 'asked', { ...delegate, votes: false }, moment())).toBeNull()
  expect(rises(vote, 'asked', { ...delegate, arrived_at: null }, moment())).toBeNull()
  expect(rises({ ...vote, method: 'slip' }, 'asked', { ...delegate, arrived_at: null }, moment())).toBe('4 asked')
  expect(rises(vote, 'published', undefined, moment())).toBeNull()
})

test('the last ten seconds of a vote in the hall', () => {
  const open = { state: 'open', method: 'named', closes_at: '2026-12-08T02:48:09.000Z' } as const
  expect(isSoon(open, NOW)).toBe(true)
  expect(isSoon(open, NOW - 5_000)).toBe(false)
  expect(isSoon({ ...open, method: 'slip' }, NOW)).toBe(false)
  expect(isSoon({ ...open, closes_at: null }, NOW)).toBe(false)
  expect(isSoon(undefined, NOW)).toBe(false)
})
