import { expect, test } from 'vitest'
import type { RequestView } from '../contract.gen'
import { spoken } from './spoken'

const speech = (id: number, from: string, to: string | null, more: Partial<RequestView> = {}) =>
  ({ id, item_id: 4, state: 'done', granted_at: `2026-12-08T${from}Z`, ended_at: to && `2026-12-08T${to}Z`, ...more }) as RequestView

test('those who spoke on an item, in order, with their time', () => {
  const requests = [
    speech(2, '02:10:00', '02:13:05'),
    speech(1, '02:00:00', '02:04:20'),
    speech(3, '02:20:00', null, { state: 'speaking' }),
    speech(4, '01:00:00', '01:01:00', { item_id: 3 }),
    speech(5, '02:30:00', '02:30:00', { granted_at: null }), // ended without having begun
  ]
  expect(spoken(requests, 4).map(({ request, seconds }) => [request.id, seconds])).toEqual([
    [1, 260],
    [2, 185],
  ])
})
