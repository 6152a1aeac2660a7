// @vitest-environment node
import 'fake-indexeddb/auto'
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

test('with a paper everything of it leaves, also its first page and what newer manifests have replaced', async () => {
  const { state, caches } = cache()
  vi.stubGlobal('caches', caches)
  const texts = ['first', 'old manifest', 'manifest', 'second', 'kept']
  const blobs = new Map(await Promise.all(texts.map(async (text) => [text, await digest(new Blob([text]))] as const)))
  const storage = new Storage(async (sha256) => new Blob([texts.find((text) => blobs.get(text) === sha256)!]))
  await storage.wipe()
  for (const sha256 of blobs.values()) await storage.blob(sha256)
  const note = (paper: number, version: number, ...names: string[]) => storage.note({ meeting: 1, paper, version, hashes: names.map((one) => blobs.get(one)!) })
  await note(5, 0, 'first')
  await note(5, 1, 'old manifest', 'first')
  await note(5, 1, 'manifest', 'first', 'second')
  await note(6, 0, 'kept')
  await storage.keepOnly(1, new Set([5, 6]))
  expect(state.kept.size).toBe(5)
  expect(await storage.usage()).toMatchObject({ papers: 2, bytes: texts.join('').length })
  await storage.keepOnly(1, new Set([6]))
  expect([...state.kept.keys()]).toEqual([`/b/${blobs.get('kept')}`])
  expect((await storage.usage()).papers).toBe(1)
  await storage.wipe()
})

test('what comes after it was given up is not laid on the disk', async () => {
  const { state, caches } = cache()
  vi.stubGlobal('caches', caches)
  const giveUp = new AbortController()
  const storage = new Storage(async () => (giveUp.abort(), page))
  await expect(storage.blob(name, 0, giveUp.signal)).rejects.toThrow()
  expect(state.kept.size).toBe(0)
})

test('where nothing is kept everything comes from the network', async () => {
  vi.stubGlobal('caches', undefined)
  const fetched = vi.fn(async () => page)
  const storage = new Storage(fetched)
  await storage.blob(name)
  await storage.blob(name)
  expect(fetched).toHaveBeenCalledTimes(2)
})
