import { expect, test } from 'vitest'
import { decode, encode, type Point } from './coding'

test('a stroke comes back as it was drawn', () => {
  const stroke: Point[] = [[1200, 3400, 128], [1203, 3390, 130], [-70, 11_000, 0], [-5000, -1000, 255], [15_000, 11_000, 0]] // prettier-ignore
  expect(decode(encode(stroke))).toEqual(stroke)
  expect(decode(encode([]))).toEqual([])
})

// The server's test has the same row (tests/ink/test_rules.py).
test('both ends code alike', () => {
  expect(encode([[1200, 3400, 128], [1203, 3390, 130], [-70, 11_000, 0]])).toBe('4BKQNYACBhME8RP0doMC') // prettier-ignore
})

test('a long stroke is a matter of a few letters a point', () => {
  const stroke = Array.from({ length: 3000 }, (_, n): Point => [5000 + Math.round(3000 * Math.cos(n / 40)), 5000 + n, 128])
  expect(encode(stroke).length).toBeLessThan(16_000)
})
