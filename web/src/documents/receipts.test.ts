import { expect, test } from 'vitest'
import type { MemberView, ReceiptView } from '../contract.gen'
import { counts, progress, tabletsOf } from './receipts'

const member = (id: number, full_name: string, more: Partial<MemberView> = {}) => ({ id, full_name, seat: '', role: 'delegate', ...more }) as MemberView
const hanh = member(1, 'Nguyễn Thị Hồng Hạnh', { seat: 'A 10' })
const bao = member(2, 'Trần Quốc Bảo', { seat: 'A 2' })
const chau = member(3, 'Lê Thị Minh Châu')
const khoi = member(4, 'Hoàng Đình Khôi')
const wall = member(5, 'Màn hình', { role: 'wall' })
const secretary = member(6, 'Đỗ Thị Thùy Linh', { role: 'secretary' })
const everybody = [hanh, bao, chau, khoi, wall, secretary]

function receipt(member_id: number, state: ReceiptView['state'], more: Partial<ReceiptView> = {}): ReceiptView {
  return { id: member_id, paper_id: 9, member_id, device: '00000000000000a1', version: 2, state, pages: 3, at: '2026-12-08T02:00:00.000Z', ...more }
}

test('tablets stand in the order of seats, then of given names', () => {
  expect(tabletsOf(everybody, [], new Set([1, 2, 3, 4]))).toEqual([bao, hanh, chau, khoi])
})

test('a tablet counts when it is there or was there; walls and the secretary do not', () => {
  expect(tabletsOf(everybody, [receipt(1, 'opened')], new Set([3, 5, 6]))).toEqual([hanh, chau])
})

test('the state of each tablet', () => {
  const told = [
    receipt(1, 'opened'),
    receipt(2, 'complete'),
    receipt(3, 'first_page'),
    receipt(4, 'opened', { version: 1 }), // of the version before
    receipt(4, 'complete', { paper_id: 8 }), // of another paper
  ]
  const states = progress({ id: 9, version: 2, state: 'ready' }, [hanh, bao, chau, khoi], told, new Set([3]))
  expect(states.map((tablet) => [tablet.state, tablet.pages])).toEqual([
    ['opened', 3],
    ['full', 3],
    ['loading', 3],
    ['lost', 0],
  ])
  expect(counts(states)).toEqual({ opened: 1, full: 1, loading: 1, withdrawn: 0, lost: 1 })
})

test('a withdrawn paper is gone only where the tablet said so', () => {
  const told = [receipt(1, 'withdrawn'), receipt(2, 'opened'), receipt(3, 'complete')]
  const states = progress({ id: 9, version: 2, state: 'withdrawn' }, [hanh, bao, chau], told, new Set([1, 2]))
  expect(states.map((tablet) => tablet.state)).toEqual(['withdrawn', 'loading', 'lost'])
})
