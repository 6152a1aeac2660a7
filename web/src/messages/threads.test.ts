import { expect, test } from 'vitest'
import type { MessageView } from '../contract.gen'
import { calls, threads, unreadFromDesk, waitingForDesk } from './threads'

const message = (id: number, more: Partial<MessageView> = {}) =>
  ({ id, kind: 'note', state: 'open', member_id: 1, point_id: null, from_desk: false, service: null, ...more }) as MessageView

test('conversations, those with something unread first', () => {
  const found = threads([
    message(1, { state: 'done' }),
    message(2, { member_id: null, point_id: 3 }),
    message(4, { from_desk: true }),
    message(3, { member_id: 2, state: 'done' }),
    message(5, { kind: 'call' }),
  ])
  expect(found.map(({ partner, unread, messages }) => [partner, unread, messages.map((one) => one.id)])).toEqual([
    ['point:3', 1, [2]],
    ['member:1', 0, [1, 4]],
    ['member:2', 0, [3]],
  ])
})

test('what waits', () => {
  const all = [
    message(1, { kind: 'call', service: 'technician', state: 'taken' }),
    message(2, { kind: 'call', service: 'supplies' }),
    message(3, { kind: 'call', service: 'technician', state: 'withdrawn' }),
    message(4, { kind: 'opinion' }),
    message(5, { from_desk: true }),
    message(6, { from_desk: true, state: 'done' }),
    message(7, { state: 'done' }),
  ]
  expect(calls(all).map((one) => one.id)).toEqual([1, 2])
  expect(calls(all, 'technician').map((one) => one.id)).toEqual([1])
  expect(waitingForDesk(all)).toBe(2)
  expect(unreadFromDesk(all, ['member:1']).map((one) => one.id)).toEqual([5])
  expect(unreadFromDesk(all, ['point:3'])).toEqual([])
})
