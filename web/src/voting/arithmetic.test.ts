import { expect, test } from 'vitest'
import type { ResultView, VoteView } from '../contract.gen'
import { baseOf, needed, rowsOf } from './arithmetic'

const golden: ResultView = {
  for: 19, against: 2, abstain: 25, no_ballot: 0, base: 47, needed: 24, all_members: 47, electorate: 46, quorum_met: true, passed: false,
} // prettier-ignore
const counts = (result: ResultView) => rowsOf(result).map(({ count }) => count)

test('of all members: who was away has no ballot, and the rows add up', () => {
  expect(counts(golden)).toEqual([19, 2, 25, 1])
})

test('of those present, and of the ballots cast: no row for what cannot be', () => {
  expect(counts({ ...golden, base: 46 })).toEqual([19, 2, 25])
  expect(counts({ ...golden, abstain: 20, no_ballot: 5, base: 46 })).toEqual([19, 2, 20, 5])
})

test.each([
  ['1/2', true, 47, 24],
  ['1/2', true, 46, 24],
  ['2/3', false, 47, 32],
  ['2/3', false, 45, 30],
  ['2/3', true, 45, 31],
  ['1/2', false, 46, 23],
  ['1/1', false, 7, 7],
])('%s, more than that: %s, of %i: from %i', (threshold, strict, base, from) => {
  expect(needed({ threshold, strict }, base)).toBe(from)
})

test('what it is counted of is known at opening, unless it is the ballots', () => {
  const vote = (denominator: VoteView['rule']['denominator']) => ({ rule: { denominator } as VoteView['rule'], all_members: 47, electorate: 45 })
  expect(baseOf(vote('all_members'))).toBe(47)
  expect(baseOf(vote('present'))).toBe(45)
  expect(baseOf(vote('cast'))).toBeNull()
})
