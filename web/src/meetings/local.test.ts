import { expect, test } from 'vitest'
import { fromField, toField } from './local'

test('a time in a form is the time of Vietnam, whatever the zone of the computer', () => {
  expect(toField('2026-12-08T01:00:00Z')).toBe('2026-12-08T08:00')
  expect(toField('2026-12-07T18:30:00Z')).toBe('2026-12-08T01:30')
  expect(fromField('2026-12-08T08:00')).toBe('2026-12-08T01:00:00.000Z')
})

test.each(['', '2026-12-08', '2026-13-08T08:00', 'x'])('%s is no time', (field) => {
  expect(fromField(field)).toBeNull()
})
