import { expect, test } from 'vitest'
import type { ItemView, MeetingView } from '../contract.gen'
import { tabsOf } from './tabs'
import { rowsOf } from './tree'

const item = (id: number, parent_id: number | null, state: ItemView['state'], kind: ItemView['kind'] = 'speech'): ItemView => ({
  id, parent_id, position: id, number: kind === 'break' ? '' : `${id}`, title: `Nội dung ${id}`, kind, minutes: 30, planned_after: id * 30, state,
  started_at: null, ended_at: null, access: { kind: 'all' },
}) // prettier-ignore
const meeting = { state: 'open', starts_at: '2026-12-08T01:00:00Z' } as MeetingView
const rows = rowsOf([item(1, null, 'done'), item(2, null, 'done'), item(21, 2, 'current'), item(3, null, 'pending', 'break'), item(4, null, 'pending')])

test('an item is in hand while something under it is; the rest is past or planned', () => {
  const tabs = tabsOf(rows, meeting)
  expect(tabs.map(({ label, current, past, note }) => [label, current, past, note])).toEqual([
    ['1', false, true, undefined],
    ['2', true, false, undefined],
    ['', false, false, undefined],
    ['4', false, false, '10:00'],
  ])
  expect(tabs[2]!.icon).toBeDefined()
})

test('after closing nothing is in hand, and nothing planned', () => {
  const tabs = tabsOf(rows, { ...meeting, state: 'closed' })
  expect(tabs.map(({ current, past, note }) => [current, past, note])).toEqual([
    [false, true, undefined],
    [false, true, undefined],
    [false, false, undefined],
    [false, false, undefined],
  ])
})
