import { expect, test } from 'vitest'
import { quorumOf } from './quorum'

const hall = (present: number, voting: number) => [
  ...Array.from({ length: voting }, (_, n) => ({ votes: true, present: n < present })),
  { votes: false, present: true },
]

test.each([
  ['2/3', 45, 47, { needed: 32, met: true }],
  ['2/3', 31, 47, { needed: 32, met: false }],
  ['2/3', 30, 45, { needed: 30, met: true }],
  ['1/2', 1, 3, { needed: 2, met: false }],
  ['2/3', 0, 0, { needed: 0, met: true }],
])('a quorum of %s with %i of %i present', (quorum, present, members, expected) => {
  expect(quorumOf({ quorum }, hall(present, members))).toEqual({ present, members, ...expected })
})
