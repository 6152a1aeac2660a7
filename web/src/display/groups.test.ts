import { expect, test } from 'vitest'
import { groupsOf } from './groups'

const member = (group: string, present: boolean, votes = true, unit = '') => ({ group, present, votes, unit })

test('voting members by group, those without by unit', () => {
  const members = [
    member('Tổ 10', true),
    member('Tổ 2', false),
    member('Tổ 2', true),
    member('', true, true, 'Sở Tài chính'),
    member('Tổ 2', true, false),
  ]
  expect(groupsOf(members, 9, 'khác')).toEqual([
    { name: 'Sở Tài chính', present: 1, members: 1 },
    { name: 'Tổ 2', present: 1, members: 2 },
    { name: 'Tổ 10', present: 1, members: 1 },
  ])
})

test('the smallest of too many are told together', () => {
  const members = ['a', 'a', 'a', 'b', 'c', 'c', 'd'].map((group, n) => member(group, n % 2 === 0))
  expect(groupsOf(members, 3, 'khác')).toEqual([
    { name: 'a', present: 2, members: 3 },
    { name: 'c', present: 1, members: 2 },
    { name: 'khác', present: 1, members: 2 },
  ])
})

test('nobody', () => {
  expect(groupsOf([], 3, 'khác')).toEqual([])
})
