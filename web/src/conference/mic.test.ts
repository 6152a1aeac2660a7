import { expect, test } from 'vitest'
import { loudness, micNews, micState, micTap } from './mic'

test.each([
  ['off', 0, 60_000, 'off'],
  ['closed', 0, 60_000, 'closed'],
  ['on', 1_000, 10_999, 'on'],
  ['on', 1_000, 11_000, 'unheard'],
  ['on', 11_500, 12_000, 'on'],
] as const)('mic %s, last heard at %d, now %d: %s', (mic, heardAt, now, shown) => {
  expect(micState(mic, heardAt, now)).toBe(shown)
})

test('a tap switches, but not what the chair has closed', () => {
  expect(micTap('off')).toEqual({ on: true })
  expect(micTap('on')).toEqual({ on: false })
  expect(micTap('closed')).toBeNull()
})

test('loudness in words', () => {
  expect([0, 0.019, 0.05, 0.3, 0.95].map(loudness)).toEqual(['silent', 'silent', 'quiet', 'good', 'loud'])
})

test.each([
  ['off', false, 'off', true, 'floor_given'],
  ['off', true, 'on', true, null],
  ['on', true, 'on', false, 'floor_over'],
  ['on', false, 'off', false, null],
  ['off', false, 'on', false, null],
  ['on', false, 'closed', false, 'mic_shut'],
  ['closed', false, 'off', false, 'mic_freed'],
  ['closed', true, 'on', true, null],
] as const)('from %s (floor %s) to %s (floor %s): %s', (mic, floor, then, thenFloor, news) => {
  expect(micNews({ mic, floor }, { mic: then, floor: thenFloor })).toBe(news)
})
