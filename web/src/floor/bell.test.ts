import { expect, test } from 'vitest'
import { Bell } from './bell'

test('once at the last minute and once at the end', () => {
  const bell = new Bell()
  const seen = (['calm', 'calm', 'last', 'last', 'over', 'over'] as const).map((phase) => bell.rings(3, phase))
  expect(seen).toEqual([false, false, true, false, true, false])
})

test('a screen opened late and the next speech do not ring at once; added time rings again', () => {
  const bell = new Bell()
  expect(bell.rings(3, 'over')).toBe(false)
  expect(bell.rings(3, 'calm')).toBe(false)
  expect(bell.rings(3, 'last')).toBe(true)
  expect(bell.rings(4, 'last')).toBe(false)
  expect(bell.rings(4, 'over')).toBe(true)
  expect(bell.rings(null, 'calm')).toBe(false)
})
