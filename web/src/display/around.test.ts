import { expect, test } from 'vitest'
import { around } from './around'

const TEN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

test.each([
  ['nothing in hand: from the beginning', -1, [0, 1, 2, 3, 4, 5]],
  ['the first', 0, [0, 1, 2, 3, 4, 5]],
  ['two of what was before', 5, [3, 4, 5, 6, 7, 8]],
  ['the last: no empty lines', 9, [4, 5, 6, 7, 8, 9]],
])('%s', (_, at, shown) => {
  expect(around(TEN, at, 6)).toEqual(shown)
})

test('fewer than there is room for', () => {
  expect(around([1, 2], 1, 6)).toEqual([1, 2])
  expect(around([], -1, 6)).toEqual([])
})
