import { expect, test } from 'vitest'
import { loudest } from './sound'

test('the loudest moment counts, however short the rest was silent', () => {
  const samples = new Float32Array(48_000)
  expect(loudest(samples, 48_000)).toBe(0)
  samples.fill(0.1, 24_000, 34_000)
  expect(loudest(samples, 48_000)).toBeCloseTo(0.3)
  samples.fill(1, 40_000, 48_000)
  expect(loudest(samples, 48_000)).toBe(1)
})
