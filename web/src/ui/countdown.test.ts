import { expect, test } from 'vitest'
import { countdown, figures, lastMinuteTick } from './countdown'

test.each([
  [192, 300, { phase: 'calm', text: '3:12', part: 0.64 }],
  [191.2, 300, { phase: 'calm', text: '3:12', part: 0.64 }],
  [60, 300, { phase: 'last', text: '1:00', part: 0.2 }],
  [48, 300, { phase: 'last', text: '0:48', part: 0.16 }],
  [0, 300, { phase: 'last', text: '0:00', part: 0 }],
  [-0.4, 300, { phase: 'last', text: '0:00', part: 0 }],
  [-25, 300, { phase: 'over', text: '+0:25', part: 1 }],
  [400, 300, { phase: 'calm', text: '6:40', part: 1 }],
  [42, 60, { phase: 'calm', text: '0:42', part: 0.7 }],
])('%d s left of %d', (left, total, shown) => {
  expect(countdown(left, total)).toEqual(shown)
})

test('a vote stops at nothing', () => {
  expect(countdown(-5, 60, false)).toEqual({ phase: 'last', text: '0:00', part: 0 })
})

test('the tick marks the last minute, of a short time the last fifth', () => {
  expect(lastMinuteTick(300)).toBe(0.2)
  expect(lastMinuteTick(600)).toBe(0.1)
  expect(lastMinuteTick(60)).toBe(0.2)
  expect(lastMinuteTick(0)).toBeUndefined()
})

test('minutes stay minutes', () => {
  expect(figures(3725)).toBe('62:05')
})
