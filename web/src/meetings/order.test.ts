import { expect, test } from 'vitest'
import type { MeetingState, MeetingView } from '../contract.gen'
import { inOrder } from './order'

const meeting = (id: number, state: MeetingState, starts_at: string): MeetingView => ({
  id, state, starts_at, title: '', kind: 'council', body: '', place: '', opened_at: null, closed_at: null, quorum: '2/3',
}) // prettier-ignore

test('sitting, then the next one first, then the last one first', () => {
  const all = [
    meeting(1, 'closed', '2026-10-01T01:00:00Z'),
    meeting(2, 'draft', '2026-12-20T01:00:00Z'),
    meeting(3, 'closed', '2026-11-01T01:00:00Z'),
    meeting(4, 'open', '2026-12-08T01:00:00Z'),
    meeting(5, 'draft', '2026-12-09T01:00:00Z'),
  ]
  expect(inOrder(all).map(({ id }) => id)).toEqual([4, 5, 2, 3, 1])
})
