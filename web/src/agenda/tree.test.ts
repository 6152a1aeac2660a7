import { expect, test } from 'vitest'
import { branch, drop, type Node, path, rowsOf, step, type Step } from './tree'

/** 1 · 2 (21, 22 (221), 23) · 3 break · 4 */
const ITEMS: Node[] = [
  { id: 4, parent_id: null, position: 3, kind: 'speech' },
  { id: 22, parent_id: 2, position: 1, kind: 'speech' },
  { id: 1, parent_id: null, position: 0, kind: 'speech' },
  { id: 23, parent_id: 2, position: 2, kind: 'vote' },
  { id: 2, parent_id: null, position: 1, kind: 'speech' },
  { id: 221, parent_id: 22, position: 0, kind: 'debate' },
  { id: 21, parent_id: 2, position: 0, kind: 'speech' },
  { id: 3, parent_id: null, position: 2, kind: 'break' },
]
const rows = rowsOf(ITEMS)

test('the reading order, with depth and height', () => {
  expect(rows.map(({ item, depth, height }) => [item.id, depth, height])).toEqual([
    [1, 0, 1],
    [2, 0, 3],
    [21, 1, 1],
    [22, 1, 2],
    [221, 2, 1],
    [23, 1, 1],
    [3, 0, 1],
    [4, 0, 1],
  ])
})

test('a branch and a path', () => {
  expect(branch(rows, 2).map((row) => row.item.id)).toEqual([2, 21, 22, 221, 23])
  expect(branch(rows, 4).map((row) => row.item.id)).toEqual([4])
  expect(branch(rows, 9)).toEqual([])
  expect(path(rows, 221).map((item) => item.id)).toEqual([221, 22, 2])
  expect(path(rows, null)).toEqual([])
})

test.each<[number, Step, unknown]>([
  [2, 'up', { parent_id: null, index: 0 }],
  [1, 'up', null],
  [21, 'down', { parent_id: 2, index: 1 }],
  [4, 'down', null],
  [23, 'in', { parent_id: 22, index: 1 }],
  [2, 'in', null], // it would be four levels deep
  [4, 'in', null], // nothing goes under a break
  [1, 'in', null], // nothing above it
  [221, 'out', { parent_id: 2, index: 2 }],
  [22, 'out', { parent_id: null, index: 2 }],
  [4, 'out', null],
  [9, 'up', null],
])('item %i one step %s', (id, way, place) => {
  expect(step(rows, id, way)).toEqual(place)
})

test.each([
  ['to the top', 4, 0, 0, { parent_id: null, index: 0, depth: 0 }],
  ['between children, however far left the finger is', 4, 3, 0, { parent_id: 2, index: 1, depth: 1 }],
  ['deep into a child', 4, 3, 2, { parent_id: 21, index: 0, depth: 2 }],
  ['after the last child as its sibling', 4, 6, 1, { parent_id: 2, index: 3, depth: 1 }],
  ['after the last child at the top level', 4, 6, 0, { parent_id: null, index: 2, depth: 0 }],
  ['under a break only beside it', 4, 7, 1, { parent_id: null, index: 3, depth: 0 }],
  ['where it is', 21, 2, 1, { parent_id: 2, index: 0, depth: 1 }],
])('dropped %s', (_, id, gap, depth, place) => {
  expect(drop(rows, id, gap, depth)).toEqual(place)
})

test('a branch of two levels has no room inside one of three', () => {
  expect(drop(rows, 22, 1, 1)).toEqual({ parent_id: 1, index: 0, depth: 1 })
  expect(drop(rowsOf([...ITEMS, { id: 5, parent_id: 4, position: 0, kind: 'speech' }]), 4, 4, 2)).toBeNull()
})
