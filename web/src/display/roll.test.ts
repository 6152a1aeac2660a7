import { expect, test } from 'vitest'
import { PAGE_MS, pageAt, votersOf } from './roll'

const row = (member_id: number, full_name: string, code: string | null, blank = false) => ({
  member_id,
  full_name,
  answers: code === null ? null : [blank ? [] : [code]],
})

test('by choice, then by given name; the blank and the missing last', () => {
  const rows = [
    row(1, 'Trần Quốc Bảo', 'against'),
    row(2, 'Nguyễn Thị Hồng Hạnh', 'for'),
    row(3, 'Lê Thị Minh Châu', null),
    row(4, 'Vũ Văn An', 'for'),
    row(5, 'Phạm Thu Nga', '', true),
  ]
  expect(votersOf(rows, ['for', 'against', 'abstain']).map(({ id, code }) => [id, code])).toEqual([
    [4, 'for'],
    [2, 'for'],
    [1, 'against'],
    [5, ''],
    [3, null],
  ])
})

test('every name has its turn', () => {
  const all = Array.from({ length: 500 }, (_, n) => n)
  const seen = Array.from({ length: 13 }, (_, n) => pageAt(all, 40, n * PAGE_MS)).flatMap(({ page }) => page)
  expect(seen).toEqual(all)
  expect(pageAt(all, 40, 12 * PAGE_MS + 5)).toMatchObject({ number: 13, count: 13 })
  expect(pageAt(all, 40, 13 * PAGE_MS)).toMatchObject({ number: 1 })
  expect(Array.from({ length: 3 }, (_, n) => pageAt(all.slice(0, 13), 5, n * PAGE_MS).page.length)).toEqual([5, 5, 3])
  expect(pageAt([], 40, 7)).toEqual({ page: [], number: 1, count: 1 })
})
