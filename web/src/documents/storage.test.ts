// @vitest-environment node
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { digest } from './download'
import { Storage } from './storage'

vi.mock('../link', () => ({ link: {} }))

/** A browser's Cache that may be full. */
function cache() {
  const kept = new Map<string, Blob>()
  const state = { full: false, kept }
  const one = {
    match: async (key: string) => (kept.has(key) ? { blob: async () => kept.get(key)! } : undefined),
    put: async (key: string, answer: { body: Blob }) => {
      if (state.full) throw new DOMException('full', 'QuotaExceededError')
      kept.set(key, answer.body)
    },
    delete: async (key: string) => kept.delete(key),
  }
  return { state, caches: { open: async () => one, delete: async () => (kept.clear(), true) } }
}

const page = new Blob(['a page'])
let name = ''

beforeEach(async () => {
  vi.stubGlobal('Response', class { constructor(readonly body: Blob) {} })
  vi.stubGlobal('navigator', {})
  name = await digest(page)
})
afterEach(() => vi.unstubAllGlobals())

test('what was fetched once is read from the disk', async () => {
  const { state, caches } = cache()
  vi.stubGlobal('caches', caches)
  const fetched = vi.fn(async () => page)
  const storage = new Storage(fetched)
  expect(await storage.blob(name, 1)).toBe(page)
  expect(await storage.blob(name, 1)).toBe(page)
  expect(fetched).toHaveBeenCalledTimes(1)
  expect([...state.kept.keys()]).toEqual([`/b/${name}`])
  await storage.wipe()
  expect(state.kept.size).toBe(0)
})

test('what was damaged on the disk is fetched anew', async () => {
  const { state, caches } = cache()
  vi.stubGlobal('caches', caches)
  state.kept.set(`/b/${name}`, new Blob(['another page']))
  const fetched = vi.fn(async () => page)
  expect(await new Storage(fetched).blob(name)).toBe(page)
  expect(fetched).toHaveBeenCalledTimes(1)
})

test('on a full tablet pages are still read, and it is said once', async () => {
  const { state, caches } = cache()
  vi.stubGlobal('caches', caches)
  state.full = true
  const storage = new Storage(async () => page)
  storage.onfull = vi.fn()
  expect(await storage.blob(name)).toBe(page)
  expect(await storage.blob(name)).toBe(page)
  expect(storage.onfull).toHaveBeenCalledTimes(1)
  expect((await storage.usage()).full).toBe(true)
  state.full = false
  await storage.blob(name)
  expect((await storage.usage()).full).toBe(false)
})

test('where nothing is kept everything comes from the network', async () => {
  vi.stubGlobal('caches', undefined)
  const fetched = vi.fn(async () => page)
  const storage = new Storage(fetched)
  await storage.blob(name)
  await storage.blob(name)
  expect(fetched).toHaveBeenCalledTimes(2)
})
