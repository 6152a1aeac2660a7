import { expect, test } from 'vitest'
import type { PointView } from '../contract.gen'
import { isAsked, rollOf } from './roll'

function point(id: number, answered_at: string | null = null, attending: number | null = null): PointView {
  return { id, name: `Xã ${id}`, link: 'good', position: -id, unit_id: null, mic: 'off', pinned: false, answered_at, attending }
}

test('who answered stands in the order of the answers, who is missing in that of the meeting', () => {
  const points = [point(1), point(2, '2026-12-08T01:02:00Z', 8), point(3), point(4, '2026-12-08T01:01:00Z', 0)]
  const roll = rollOf(points)
  expect(roll.answered.map(({ id }) => id)).toEqual([4, 2])
  expect(roll.missing.map(({ id }) => id)).toEqual([3, 1])
  expect(roll.people).toBe(8)
})

test('a point is asked once, while the roll is called', () => {
  const called = { roll_called_at: '2026-12-08T01:00:00Z' }
  expect(isAsked(called, point(1))).toBe(true)
  expect(isAsked(called, point(1, '2026-12-08T01:01:00Z', 5))).toBe(false)
  expect(isAsked({ roll_called_at: null }, point(1))).toBe(false)
  expect(isAsked(undefined, point(1))).toBe(false)
})
