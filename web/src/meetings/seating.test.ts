import { expect, test } from 'vitest'
import { seatRows, seatState } from './seating'

const member = (id: number, seat: string, more = {}) => ({ id, seat, full_name: `Người ${id}`, present: true, excused: false, ...more })

test('rows by letter, seats by number, tables of their own first', () => {
  const rows = seatRows([member(1, 'B 2'), member(2, 'A 10'), member(3, 'A 02'), member(4, 'Bàn chủ tọa'), member(5, ''), member(6, 'B-1'), member(7, '12')])
  expect(rows.map((one) => [one.row, one.seats.map((seat) => [seat.member.id, seat.number])])).toEqual([
    ['', [[7, '12'], [4, 'Bàn chủ tọa']]],
    ['A', [[3, '02'], [2, '10']]],
    ['B', [[6, '1'], [1, '2']]],
  ]) // prettier-ignore
})

test.each([
  ['speaking', {}, 'speaking', true, 'speaking'],
  ['asked', {}, 'waiting', true, 'asked'],
  ['voted', {}, undefined, true, 'voted'],
  ['present', {}, undefined, false, 'present'],
  ['done speaking', {}, 'done', false, 'present'],
  ['excused', { present: false, excused: true }, undefined, false, 'excused'],
  ['absent', { present: false }, undefined, false, 'absent'],
] as const)('%s', (_, more, request, voted, state) => {
  const requests = new Map(request ? [[1, { state: request }]] : [])
  expect(seatState(member(1, 'A 1', more), requests, new Set(voted ? [1] : []))).toBe(state)
})

test('a hall of 500', () => {
  const rows = seatRows(Array.from({ length: 500 }, (_, n) => member(n, `${String.fromCharCode(65 + Math.floor(n / 25))} ${(n % 25) + 1}`)))
  expect([rows.length, rows.every((one) => one.seats.length === 25)]).toEqual([20, true])
})
