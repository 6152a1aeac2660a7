import { expect, test } from 'vitest'
import type { Level, UnitView } from '../contract.gen'
import { comingChanges, formerNames, pruned, standing, tree, unitLabel, within } from './units'

const TODAY = '2026-12-08'
type Dated = [name: string, from: string, to: string | null]

function unit(id: number, level: Level, parent_id: number | null, ...dated: Dated[]): UnitView {
  const versions = dated.map(([name, valid_from, valid_to]) => ({ name, level, parent_id, valid_from, valid_to }))
  const now = versions.find((one) => one.valid_from <= TODAY && (one.valid_to === null || TODAY < one.valid_to))
  return { id, level, parent_id, name: (now ?? versions.at(-1)!).name, active: !!now, versions }
}

const province = unit(1, 'province', null, ['Tỉnh Thanh Giang', '2025-07-01', null])
const tanLap = unit(2, 'commune', 1, ['Xã Tân Lập', '2025-07-01', '2026-07-01'], ['Phường Tân Lập', '2026-07-01', null])
const anHoa = unit(3, 'commune', 1, ['Xã An Hòa', '2025-07-01', null], ['Phường An Hòa', '2027-01-01', null])
anHoa.versions[0]!.valid_to = '2027-01-01'
const office = unit(4, 'body', 2, ['Văn phòng HĐND và UBND', '2025-07-01', null])
const council = unit(5, 'body', 1, ['Văn phòng HĐND tỉnh', '2025-07-01', null])
const old = unit(6, 'commune', 1, ['Xã Cũ', '2025-07-01', '2026-01-01'])
const soon = unit(7, 'commune', 1, ['Xã Mới', '2027-01-01', null])
const lost = unit(8, 'body', 99, ['Đơn vị lạc', '2025-07-01', null])
const ALL = new Map([office, council, anHoa, tanLap, province, old, soon, lost].map((one) => [one.id, one]))
const names = (branches: { unit: UnitView; depth: number }[]) => branches.map(({ unit, depth }) => `${'·'.repeat(depth)}${unit.name}`)

test('the tree goes from level to level and by name; who has lost its parent stands at the top', () => {
  expect(names(tree(ALL.values()))).toEqual([
    'Tỉnh Thanh Giang', '·Phường Tân Lập', '··Văn phòng HĐND và UBND', '·Xã An Hòa', '·Xã Cũ', '·Xã Mới', '·Văn phòng HĐND tỉnh', 'Đơn vị lạc',
  ]) // prettier-ignore
})

test.each([
  ['', false, ['Tỉnh Thanh Giang', '·Phường Tân Lập', '··Văn phòng HĐND và UBND', '·Xã An Hòa', '·Xã Mới', '·Văn phòng HĐND tỉnh', 'Đơn vị lạc']],
  ['ubnd', false, ['Tỉnh Thanh Giang', '·Phường Tân Lập', '··Văn phòng HĐND và UBND']],
  ['xã tân lập', false, ['Tỉnh Thanh Giang', '·Phường Tân Lập']],
  ['cu', false, []],
  ['cu', true, ['Tỉnh Thanh Giang', '·Xã Cũ']],
])('"%s", closed ones too: %s', (query, closed, found) => {
  expect(names(pruned(ALL, { query, closed, today: TODAY }))).toEqual(found)
})

test('a unit exists, will, or did', () => {
  expect([tanLap, soon, old].map((one) => standing(one, TODAY))).toEqual(['current', 'coming', 'closed'])
})

test('a unit with all below it', () => {
  expect([...within(ALL, 2)].sort()).toEqual([2, 4])
  expect(within(ALL, 1).size).toBe(7)
})

test('an office is told apart by its commune', () => {
  expect([4, 5, 2, null, 77].map((id) => unitLabel(ALL, id))).toEqual([
    'Văn phòng HĐND và UBND, Phường Tân Lập', 'Văn phòng HĐND tỉnh', 'Phường Tân Lập', '', '',
  ]) // prettier-ignore
})

test('what it was called, and what it will be called', () => {
  expect(formerNames(tanLap, TODAY).map((one) => [one.name, one.valid_to])).toEqual([['Xã Tân Lập', '2026-07-01']])
  expect(formerNames(anHoa, TODAY)).toEqual([])
  expect(comingChanges(anHoa, TODAY).map((one) => one.name)).toEqual(['Phường An Hòa'])
  expect(comingChanges(soon, TODAY).map((one) => one.name)).toEqual(['Xã Mới'])
})
