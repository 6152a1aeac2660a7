import { expect, test } from 'vitest'
import { because, way, type Thought } from './link'

const good: Thought = { link: 'good' }

test.each([
  ['good', 'connected', good, 'fair'],
  ['good', 'connected', { link: 'absent' }, 'fair'],
  ['good', 'connected', { link: 'good', quality: 'low' }, 'fair'],
  ['good', 'connected', { link: 'good', quality: 'low', reason: 'down' }, 'gaps'],
  ['good', 'connected', { link: 'good', quality: 'high', reason: 'up' }, 'gaps'],
  ['good', 'connected', { link: 'weak', quality: 'stills', reason: 'down' }, 'stills'],
  ['good', 'connected', { link: 'good', quality: 'audio', reason: 'limit' }, 'audio'],
  ['good', 'connected', { link: 'weak', quality: 'page', reason: 'down' }, 'page'],
  ['weak', 'connected', good, 'gaps'],
  ['good', 'connected', { link: 'weak' }, 'gaps'],
  ['good', 'lost', { link: 'lost', quality: 'audio' }, 'media'],
  ['lost', 'connected', good, 'room'],
  ['lost', 'lost', good, 'lost'],
  ['lost', 'joining', { link: 'absent' }, 'lost'],
  ['good', 'joining', { link: 'absent' }, 'joining'],
] as const)('room %s, media %s, point %j: %s', (room, media, point, shown) => {
  expect(way(room, media, point)).toBe(shown)
})

test.each([
  ['fair', '', null],
  ['gaps', '', null],
  ['gaps', 'up', 'up'],
  ['stills', '', 'down'],
  ['audio', 'limit', 'limit'],
  ['lost', 'down', null],
] as const)('%s for the reason %j is explained by %s', (step, reason, explained) => {
  expect(because(step, reason)).toBe(explained)
})
