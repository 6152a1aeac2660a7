import { expect, test } from 'vitest'
import type { RequestView } from '../contract.gen'
import { leftFor, shares, silent } from './quota'

const NOW = Date.parse('2026-12-08T03:00:00Z')
const members = new Map([
  [1, { id: 1, group: 'Tổ 1', votes: true, present: true }],
  [2, { id: 2, group: 'Tổ 1', votes: true, present: true }],
  [3, { id: 3, group: '', votes: true, present: true }],
  [4, { id: 4, group: 'Tổ 2', votes: true, present: false }],
])
const speech = (member_id: number, seconds: number, more: Partial<RequestView> = {}) =>
  ({
    member_id, point_id: null, item_id: 4, kind: 'speak', state: 'done', speaker: '',
    granted_at: '2026-12-08T02:00:00Z', ended_at: new Date(Date.parse('2026-12-08T02:00:00Z') + seconds * 1000).toISOString(), ...more,
  }) as RequestView // prettier-ignore
const rules = { person_seconds: 400, group_seconds: 700, scope: 'item' as const }

test.each([
  ['no rules', [], undefined, null],
  ['nothing said', [], rules, 400],
  ['the person', [speech(1, 250)], rules, 150],
  ['the group', [speech(2, 600)], rules, 100],
  ['another item', [speech(1, 250, { item_id: 3 })], rules, 400],
  ['the meeting', [speech(1, 250, { item_id: 3 })], { ...rules, scope: 'meeting' as const }, 150],
  ['answers are owed', [speech(1, 250, { kind: 'answer' })], rules, 400],
  ['over', [speech(1, 900)], rules, 0],
  ['in hand', [speech(1, 0, { state: 'speaking', granted_at: '2026-12-08T02:59:00Z', ended_at: null })], rules, 340],
])('what is left: %s', (_, held, by, left) => {
  expect(leftFor(held, speech(1, 0, { state: 'waiting', granted_at: null, ended_at: null }), members, by, NOW)).toBe(left)
})

test('a point is the side of who has no group', () => {
  const one = speech(3, 0, { state: 'waiting', granted_at: null, ended_at: null, point_id: 7 })
  expect(leftFor([speech(9, 300, { point_id: 7 })], one, members, { ...rules, person_seconds: null }, NOW)).toBe(400)
})

test('minutes by group and by point, the longest first', () => {
  const held = [speech(1, 60), speech(2, 90), speech(3, 100, { point_id: 7 }), speech(1, 30, { item_id: 3 }), speech(1, 0, { state: 'withdrawn' })]
  expect(shares(held, members, NOW, 'group')).toEqual([
    { side: 'Tổ 1', speeches: 3, seconds: 180 },
    { side: 'point:7', speeches: 1, seconds: 100 },
  ])
  expect(shares(held, members, NOW, 'point', 4).map((one) => [one.side, one.seconds])).toEqual([['', 150], ['point:7', 100]])
})

test('who is there and has not spoken', () => {
  expect(silent([speech(1, 60), speech(2, 5, { item_id: 3 })], members.values()).map((one) => one.id)).toEqual([3])
  expect(silent([speech(1, 60), speech(2, 5, { item_id: 3 })], members.values(), 4).map((one) => one.id)).toEqual([2, 3])
})
