import { expect, test } from 'vitest'
import type { ImportRow, UnitView } from '../contract.gen'
import { Refusal } from '../refusal'
import { vi } from '../words/vi'
import { counts, outcome, problem, refusalWords, unitNow } from './importing'

const row = (more: Partial<ImportRow>): ImportRow => ({
  row: 2, full_name: 'Lê Châu', position: '', unit: '', username: '', house_role: '', person_id: null, unit_id: null, problems: {}, ...more,
}) // prettier-ignore

test('a row is left out, new or known', () => {
  const rows = [row({}), row({ person_id: 7 }), row({ person_id: 7, problems: { username: 'bad_username' } }), row({})]
  expect(rows.map(outcome)).toEqual(['new', 'update', 'bad', 'new'])
  expect(counts(rows)).toEqual({ bad: 1, new: 2, update: 1 })
})

test('every problem the server knows has words', () => {
  for (const code of ['empty', 'too_long', 'bad_name', 'bad_username', 'username_taken', 'unknown_role', 'ambiguous', 'closed_unit', 'duplicate_in_sheet']) {
    expect(problem(row({ problems: { full_name: code } }), 'full_name')).not.toBe(code)
  }
  expect(problem(row({}), 'full_name')).toBe('')
})

test('why a file is not taken', () => {
  expect(refusalWords(new Refusal('bad_sheet', { reason: 'too_many_rows', rows: 5000 }))).toBe('Một tệp chứa nhiều nhất 5.000 người. Chia thành nhiều tệp.')
  expect(refusalWords(new Refusal('bad_sheet', { reason: 'of tomorrow' }))).toBe(vi.refusals.bad_sheet)
  expect(refusalWords(new Refusal('offline'))).toBe(vi.refusals.offline)
})

test.each([
  ['Xã An Hòa', 'Phường An Hòa'],
  ['PHƯỜNG AN HOÀ', ''],
  ['Phường An Hòa, Tỉnh Thanh Giang', ''],
])('"%s" is now "%s"', (unit, now) => {
  const units = new Map([[3, { id: 3, name: 'Phường An Hòa' } as UnitView]])
  expect(unitNow(row({ unit, unit_id: 3 }), units)).toBe(now)
})
