import { expect, test } from 'vitest'
import type { RequestView } from '../contract.gen'
import { endOf, speaking, waiting } from './requests'

function request(id: number, state: RequestView['state'], position: number): RequestView {
  const times = { requested_at: '2026-12-08T02:30:00Z', granted_at: '2026-12-08T02:36:00Z', ended_at: null }
  return { id, member_id: id, point_id: null, item_id: null, kind: 'speak', state, position, seconds: 300, ...times }
}

test('one speaks, others wait in their order', () => {
  const requests = [request(1, 'done', 0), request(2, 'waiting', 2), request(3, 'speaking', 0), request(4, 'waiting', 1)]
  expect(speaking(requests)?.id).toBe(3)
  expect(waiting(requests).map((one) => one.id)).toEqual([4, 2])
  expect(speaking([])).toBeUndefined()
})

test('time is over after the seconds given', () => {
  expect(endOf(request(1, 'speaking', 0))).toBe(Date.parse('2026-12-08T02:41:00Z'))
})
