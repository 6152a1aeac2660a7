import { expect, test, vi } from 'vitest'
import { opened } from './disk'
import { Outbox } from './outbox'

test('in a browser that has no IndexedDB nothing is kept, and all else goes on', async () => {
  expect('indexedDB' in globalThis).toBe(false)
  expect(await opened('any', () => undefined)).toBeNull()
  const outbox = new Outbox(7, async () => ({ ok: true, result: 3 }), vi.fn())
  await outbox.load()
  expect(await outbox.send({ op_id: 'a', name: 'vote.cast', order: {} })).toBe(3)
  await outbox.close(true)
})
