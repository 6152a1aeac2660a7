import { expect, test } from 'vitest'
import type { Question, QuestionResult, VoteView } from '../contract.gen'
import { baseOf, needed, percent, rowsOf } from './arithmetic'

const question = { kind: 'approve', options: ['for', 'against', 'abstain'].map((code) => ({ code, title: code, member_id: null })) } as unknown as Question
const golden = {
  counts: [19, 2, 25], percents: ['40.43', '4.26', '53.19'], valid: 46, invalid: 0, no_ballot: 0, base: 47, needed: 24, all_members: 47, electorate: 46,
} as unknown as QuestionResult // prettier-ignore
const rows = (result: Partial<QuestionResult>) => rowsOf(question, { ...golden, ...result }, 2)

test('of all members: who was away has no ballot, and the rows add up', () => {
  expect(rows({}).map(({ label, count, percent }) => [label, count, percent])).toEqual([
    ['Tán thành', 19, '40,43 %'],
    ['Không tán thành', 2, '4,26 %'],
    ['Không biểu quyết', 25, '53,19 %'],
    ['Không có phiếu', 1, '2,13 %'],
  ])
})

test('of those present, and of the ballots cast: no row for what cannot be', () => {
  expect(rows({ base: 46 }).map(({ count }) => count)).toEqual([19, 2, 25])
  expect(rows({ counts: [19, 2, 20], valid: 41, invalid: 1, no_ballot: 4, base: 46 }).map(({ count }) => count)).toEqual([19, 2, 20, 1, 4])
})

test('the line stands where something is decided', () => {
  expect(rows({}).map(({ line }) => line)).toEqual([true, false, false, false])
})

test.each([
  [1, 3, 2, '33,33 %'],
  [2, 3, 2, '66,67 %'],
  [1, 8, 2, '12,50 %'],
  [1, 2, 0, '50 %'],
  [3, 3, 2, '100 %'],
  [0, 0, 2, '0 %'],
])('%i of %i', (votes, base, decimals, printed) => {
  expect(percent(votes, base, decimals)).toBe(printed)
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
