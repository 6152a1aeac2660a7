import { expect, test } from 'vitest'
import type { MemberView, PointView, RequestView } from '../contract.gen'
import { markCounts, markOf, memberOfPeer, passes, pictureColumns, plainName, pointRows, shortNames, speakerAt } from './points'

function point(id: number, name: string, link: PointView['link'] = 'good'): PointView {
  return { id, name, link, position: id, unit_id: null, mic: 'off', pinned: false }
}

function request(id: number, point_id: number | null, state: RequestView['state'] = 'waiting'): RequestView {
  const times = { requested_at: '2026-12-08T02:30:00Z', granted_at: null, ended_at: null }
  return { id, member_id: id, point_id, item_id: null, kind: 'speak', state, position: id, seconds: 300, ...times }
}

function member(id: number, role: MemberView['role'], point_id: number | null): MemberView {
  const place = { position: '', unit: '', seat: '', group: '', votes: false, present: true, arrived_at: null }
  return { id, person_id: id + 100, full_name: `Đại biểu ${id}`, role, point_id, ...place }
}

test('names lose the kind of unit, unless that makes two the same', () => {
  expect(shortNames(['Xã Tân Lập', 'Phường Yên Thịnh', 'Sở Nội vụ'])).toEqual(['Tân Lập', 'Yên Thịnh', 'Sở Nội vụ'])
  expect(shortNames(['Xã Kim Sơn', 'Phường Kim Sơn', 'Xã An Hòa'])).toEqual(['Xã Kim Sơn', 'Phường Kim Sơn', 'An Hòa'])
  expect(shortNames(['Điểm cầu xã Tân Lập'])).toEqual(['Tân Lập'])
  expect(['Xã Tân Lập', 'Điểm cầu Phường Yên Thịnh', 'Sở Nội vụ'].map(plainName)).toEqual(['xã Tân Lập', 'phường Yên Thịnh', 'Sở Nội vụ'])
})

test('those that need an eye come first, the others in the order of the meeting', () => {
  const points = [
    point(5, 'Xã E'),
    point(1, 'Xã A'),
    point(2, 'Xã B', 'absent'),
    point(3, 'Xã C', 'weak'),
    point(4, 'Xã D', 'lost'),
    point(6, 'Xã G'),
    point(7, 'Xã H'),
  ]
  const rows = pointRows(points, [request(1, 6), request(2, 7, 'speaking'), request(3, 1, 'done')])
  expect(rows.map((row) => row.name)).toEqual(['H', 'G', 'D', 'C', 'B', 'A', 'E'])
  expect(rows.map((row) => row.mark)).toEqual(['live', 'good', 'lost', 'weak', 'absent', 'good', 'good'])
  expect(rows.filter((row) => passes(row, 'care')).map((row) => row.name)).toEqual(['D', 'C', 'B'])
  expect(rows.filter((row) => passes(row, 'hands')).map((row) => row.name)).toEqual(['G'])
  expect(markCounts(rows)).toEqual([['good', 4], ['weak', 1], ['lost', 1], ['absent', 1]])
  expect(rows.filter((row) => passes(row, 'all', 'xa b')).map((row) => row.name)).toEqual(['B'])
  expect(rows.filter((row) => passes(row, 'mics'))).toEqual([])
})

test.each([
  [{ link: 'absent', quality: 'audio' }, 'absent'],
  [{ link: 'lost' }, 'lost'],
  [{ link: 'good' }, 'good'],
  [{ link: 'good', quality: 'low' }, 'good'],
  [{ link: 'good', quality: 'low', reason: 'down' }, 'weak'],
  [{ link: 'weak', quality: 'high' }, 'weak'],
  [{ link: 'weak', quality: 'stills', reason: 'down' }, 'stills'],
  [{ link: 'good', quality: 'audio', reason: 'limit' }, 'audio'],
  [{ link: 'good', quality: 'page', reason: 'down' }, 'pages'],
] as const)('%j reads as %s', (point, mark) => expect(markOf(point)).toBe(mark))

test.each([
  [24, 4],
  [12, 3],
  [6, 2],
  [2, 2],
  [1, 2],
])('%d pictures stand in %d columns beside the speaker', (count, columns) => {
  expect(pictureColumns(count, 786, 690, 6)).toBe(columns)
})

test('a connection is named by its person', () => {
  const members = [member(1, 'operator', 7), member(12, 'chair', null)]
  expect(memberOfPeer('3-101-9f2c', members)?.point_id).toBe(7)
  expect(memberOfPeer('3-112-9f2c', members)?.role).toBe('chair')
  expect(memberOfPeer('3-999-9f2c', members)).toBeUndefined()
})

test('the floor goes to who asked at the point, else to its operator', () => {
  const [quiet, asking] = pointRows([point(7, 'Xã A'), point(8, 'Xã B')], [request(3, 8)]).sort((a, b) => a.point.id - b.point.id)
  const members = [member(1, 'delegate', 7), member(2, 'operator', 7), member(3, 'delegate', 8), member(4, 'operator', 8)]
  expect(speakerAt(quiet!, members)?.id).toBe(2)
  expect(speakerAt(asking!, members)?.id).toBe(3)
  expect(speakerAt(quiet!, [])).toBeUndefined()
})
