import { expect, test } from 'vitest'
import type { Access, ItemView, MemberView } from '../contract.gen'
import { allowed, mayRead } from './access'

const member = (id: number, role: MemberView['role']) => ({ id, role })
const people = [member(1, 'secretary'), member(2, 'chair'), member(3, 'delegate'), member(4, 'operator'), member(5, 'guest'), member(6, 'wall')]

test.each([
  [{ kind: 'all' }, [1, 2, 3, 4, 5, 6]],
  [{ kind: 'members' }, [1, 2, 3]],
  [{ kind: 'roles', roles: ['operator', 'guest'] }, [1, 4, 5]],
  [{ kind: 'people', member_ids: [3, 6] }, [1, 3, 6]],
  [{ kind: 'people' }, [1]],
] as [Access, number[]][])('%j', (access, ids) => {
  expect(people.filter((one) => allowed(access, one)).map(({ id }) => id)).toEqual(ids)
})

test('an item closes what hangs on it and stands under it', () => {
  const item = (id: number, parent_id: number | null, access: Access) => [id, { id, parent_id, access } as ItemView] as const
  const items = new Map([item(1, null, { kind: 'members' }), item(2, 1, { kind: 'all' })])
  expect(people.filter((one) => mayRead(items, 2, { kind: 'people', member_ids: [3, 5] }, one)).map(({ id }) => id)).toEqual([1, 3])
})
