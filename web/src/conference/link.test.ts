import { expect, test } from 'vitest'
import { way } from './link'

test.each([
  ['good', 'connected', 'good', 'fair'],
  ['good', 'connected', 'absent', 'fair'],
  ['weak', 'connected', 'good', 'gaps'],
  ['good', 'connected', 'weak', 'gaps'],
  ['good', 'lost', 'lost', 'media'],
  ['lost', 'connected', 'good', 'room'],
  ['lost', 'lost', 'good', 'lost'],
  ['lost', 'joining', 'absent', 'lost'],
  ['good', 'joining', 'absent', 'joining'],
] as const)('room %s, media %s, point %s: %s', (room, media, point, shown) => {
  expect(way(room, media, point)).toBe(shown)
})
