import { describe, expect, test } from 'vitest'
import { forecast, minutesOf, plannedAt } from './schedule'
import { rowsOf } from './tree'

const START = '2026-12-08T01:00:00.000Z'
const at = (minutes: number) => Date.parse(START) + minutes * 60_000

function item(id: number, minutes: number, more: object = {}) {
  const position = id
  return { id, parent_id: null, position, kind: 'speech', minutes, planned_after: 0, state: 'pending', started_at: null, ended_at: null, ...more } as const
}

/** 1 (15) · 2 [21 (10), 22 (20)] · 3 (5) */
function agenda(...changes: object[]) {
  const items = [item(1, 15), item(2, 60), item(21, 10, { parent_id: 2 }), item(22, 20, { parent_id: 2 }), item(3, 5)]
  for (const change of changes) Object.assign(items.find((one) => one.id === (change as { id: number }).id)!, change)
  return rowsOf(items)
}
const begun = (id: number, minutes: number) => ({ id, state: 'current', started_at: new Date(at(minutes)).toISOString() })
const over = (id: number) => ({ id, state: 'done' })
const open = { state: 'open', starts_at: START } as const

test('a parent takes as long as its children together', () => {
  expect(minutesOf(agenda(), 2)).toBe(30)
  expect(minutesOf(agenda(), 1)).toBe(15)
})

test('an item is planned after the meeting starts', () => {
  expect(plannedAt(open, { planned_after: 15 })).toBe(at(15))
})

describe('the expected end', () => {
  test('while preparing is the plan', () => {
    expect(forecast({ ...open, state: 'draft' }, agenda(), at(-600))).toEqual({ close: at(50), late: 0 })
  })

  test('opened late, before the first item', () => {
    expect(forecast(open, agenda(), at(3))).toEqual({ close: at(53), late: 3 })
  })

  test('an item that began late ends late', () => {
    expect(forecast(open, agenda(begun(1, 4)), at(10))).toEqual({ close: at(54), late: 4 })
  })

  test('an item over its time pushes the rest', () => {
    expect(forecast(open, agenda(begun(1, 0)), at(20))).toEqual({ close: at(55), late: 5 })
  })

  test('a parent in hand takes no time of its own', () => {
    expect(forecast(open, agenda(over(1), begun(2, 15)), at(16))).toEqual({ close: at(51), late: 1 })
  })

  test('ahead of the plan', () => {
    expect(forecast(open, agenda(over(1), over(2), begun(21, 10)), at(12))).toEqual({ close: at(45), late: -5 })
  })

  test('of nothing, or when it is over, is not said', () => {
    expect(forecast(open, [], at(0))).toBeNull()
    expect(forecast({ ...open, state: 'closed' }, agenda(), at(0))).toBeNull()
  })
})
