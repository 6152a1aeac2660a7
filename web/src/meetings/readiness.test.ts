import { expect, test } from 'vitest'
import { rowsOf } from '../agenda/tree'
import type { ItemView } from '../contract.gen'
import { readiness } from './readiness'

const item = (id: number, kind: string) => ({ id, parent_id: null, position: id, kind }) as ItemView
const voter = { role: 'delegate', votes: true, seat: 'A 1', point_id: null } as const
const lacks = (prepared: Partial<Parameters<typeof readiness>[0]>) =>
  Object.fromEntries(readiness({ rows: [], papers: [], votes: [], members: [], points: [], ...prepared }).map((one) => [one.what, [one.count, one.missing, one.lacking]]))

test('an empty draft lacks an agenda, a chair, voters and a wall, but no points', () => {
  expect(lacks({})).toEqual({
    items: [0, 'items', 1],
    papers: [0, null, 0],
    votes: [0, null, 0],
    voters: [0, 'voters', 1],
    chair: [0, 'chair', 1],
    walls: [0, 'wall', 1],
  })
})

test('a refused paper is said before one that is being prepared', () => {
  expect(lacks({ papers: [{ state: 'rendering' }, { state: 'refused' }] }).papers).toEqual([2, 'refused', 1])
  expect(lacks({ papers: [{ state: 'queued' }, { state: 'withdrawn' }] }).papers).toEqual([1, 'preparing', 1])
})

test('an item for a vote wants its vote, a voter a seat, a point its operator', () => {
  const found = lacks({
    rows: rowsOf([item(1, 'vote'), item(2, 'vote'), item(3, 'speech')]),
    votes: [{ item_id: 2 }],
    members: [voter, { ...voter, seat: '' }, { role: 'operator', votes: false, seat: '', point_id: 7 }],
    points: [{ id: 7 }, { id: 8 }],
  })
  expect(found.votes).toEqual([1, 'vote', 1])
  expect(found.voters).toEqual([2, 'seats', 1])
  expect(found.points).toEqual([2, 'operators', 1])
})
