import { expect, test } from 'vitest'
import type { Rule, RuleView } from '../contract.gen'
import { defaultRule, inForce, ruleSentence } from './rule'

const rule = (more: Partial<Rule>): Rule => ({
  code: 'council.majority',
  denominator: 'all_members',
  threshold: '1/2',
  strict: true,
  quorum: '2/3',
  quorum_of: 'present',
  tie: 'fails',
  dismissal: null,
  substitutes: false,
  decimals: 2,
  valid_to: null,
  source: 'Luật',
  valid_from: '2025-06-16',
  ...more,
})
const hall = { members: 47, present: 40 }

test.each([
  [{}, 'Quá nửa của tổng số 47 đại biểu: từ 24 phiếu tán thành.'],
  [{ threshold: '2/3', strict: false }, 'Ít nhất 2/3 của tổng số 47 đại biểu: từ 32 phiếu tán thành.'],
  [{ threshold: '2/3' }, 'Quá 2/3 của tổng số 47 đại biểu: từ 32 phiếu tán thành.'],
  [{ denominator: 'present' as const }, 'Quá nửa của 40 đại biểu đang có mặt: từ 21 phiếu tán thành.'],
  [{ denominator: 'cast' as const }, 'Quá nửa của số phiếu thu về.'],
])('a rule in words: %#', (more, words) => {
  expect(ruleSentence(rule(more), hall)).toBe(words)
})

test('a new vote begins with the rule of the body that sits', () => {
  const rules = (['council.majority', 'council.removal', 'committee.majority', 'present.majority'] as const).map(
    (code, id) => ({ id, name_vi: code, name_en: code, rule: rule({ code, denominator: code.startsWith('present') ? 'present' : 'all_members' }) }) satisfies RuleView,
  )
  expect(defaultRule('council', rules)).toBe('council.majority')
  expect(defaultRule('committee', rules)).toBe('committee.majority')
  expect(defaultRule('conference', rules)).toBe('present.majority')
  expect(defaultRule('working', [])).toBe('')
})

test('of several versions the one in force on that day', () => {
  const dates = [['2025-06-16', '2026-12-31'], ['2026-07-01', null], ['2027-01-01', null]] as const // prettier-ignore
  const rules = dates.map(([valid_from, valid_to], id) => ({ id, name_vi: '', name_en: '', rule: rule({ valid_from, valid_to }) }))
  const found = (day: string) => inForce(rules, day).map(({ id }) => id)
  expect([found('2025-01-01'), found('2026-06-30'), found('2026-07-01'), found('2027-02-01')]).toEqual([[], [0], [1], [2]])
})
