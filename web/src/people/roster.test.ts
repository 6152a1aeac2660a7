import { expect, test } from 'vitest'
import type { PersonView } from '../contract.gen'
import { account, byGivenName, sift, suggestPassword } from './roster'

let next = 1
const person = (full_name: string, more: Partial<PersonView> = {}): PersonView => ({
  id: next++, full_name, position: '', unit_id: null, username: null, has_password: false, house_role: 'none', active: true, ...more,
}) // prettier-ignore

const HANH = person('Nguyễn Thị Hồng Hạnh', { position: 'Đại biểu', unit_id: 1, username: 'hanh', has_password: true })
const BAO = person('Trần Quốc Bảo', { unit_id: 2, username: 'bao', house_role: 'secretary' })
const CHAU = person('Lê Thị Minh Châu', { unit_id: 2 })
const CUONG = person('Đỗ Mạnh Cường', { unit_id: 1, active: false, username: 'cuong', has_password: true })
const ALL = byGivenName([HANH, CUONG, CHAU, BAO])
const OPEN = { query: '', units: null, role: null, account: null }

test('by given name', () => {
  expect(ALL).toEqual([BAO, CHAU, CUONG, HANH])
})

test.each([
  [{ query: 'thi' }, [CHAU, HANH]],
  [{ query: 'dai bieu hanh' }, [HANH]],
  [{ query: ' ĐỖ ' }, [CUONG]],
  [{ query: 'bao' }, [BAO]],
  [{ query: 'x' }, []],
  [{ units: new Set([2]) }, [BAO, CHAU]],
  [{ role: 'secretary' as const }, [BAO]],
  [{ account: 'ready' as const }, [HANH]],
  [{ account: 'no_password' as const }, [BAO]],
  [{ account: 'card' as const }, [CHAU]],
  [{ account: 'off' as const }, [CUONG]],
  [{ query: 'thi', units: new Set([2]) }, [CHAU]],
])('%o', (some, found) => {
  expect(sift(ALL, { ...OPEN, ...some })).toEqual(found)
})

test('a switched-off account is off, whatever else it has', () => {
  expect(account(CUONG)).toBe('off')
})

test('a suggested password is long enough, easy to read out, and another one each time', () => {
  const some = Array.from({ length: 50 }, suggestPassword)
  expect(some.every((one) => /^[a-z]{4}-[a-z]{4}-[2-9]{2}$/.test(one))).toBe(true)
  expect(new Set(some).size).toBe(50)
})
