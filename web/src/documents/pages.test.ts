import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PageView } from '../contract.gen'
import { Refusal } from '../refusal'
import { Pages } from './pages.svelte'

/** A server that gives a page when told to. */
function server() {
  const asked = new Map<string, { give(): void; fail(why?: unknown): void }>()
  const log: string[] = []
  const fetchPage = (sha256: string, signal: AbortSignal) =>
    new Promise<Blob>((done, failed) => {
      log.push(sha256)
      asked.set(sha256, { give: () => done(new Blob([sha256])), fail: (why = new Error('network')) => failed(why) })
      signal.addEventListener('abort', () => failed(new Error('aborted')))
    })
  return { asked, log, pages: new Pages(fetchPage) }
}

const page = (sha256: string): PageView => ({ sha256, width: 1600, height: 2263, size: 84_000 })
const pages = (...hashes: string[]) => hashes.map(page)
const settled = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
  let made = 0
  URL.createObjectURL = () => `blob:${++made}`
  URL.revokeObjectURL = vi.fn()
})
afterEach(() => void vi.useRealTimers())

test('three at a time, in the order wanted, and the order may change on the way', async () => {
  const { asked, log, pages: held } = server()
  held.want(pages('a', 'b', 'c', 'd', 'e'))
  expect(log).toEqual(['a', 'b', 'c'])
  held.want(pages('e', 'a', 'b', 'c', 'd'))
  asked.get('b')!.give()
  await settled()
  expect(log).toEqual(['a', 'b', 'c', 'e'])
  expect(held.url(page('b'))).toBe('blob:1')
  expect(held.url(page('a'))).toBeUndefined()
  expect(held.held({ pages: pages('a', 'b') })).toBe(1)
})

test('a failure is tried again after a rest, or at once when the network is back', async () => {
  const { asked, log, pages: held } = server()
  held.want(pages('a'))
  asked.get('a')!.fail()
  await settled()
  expect(log).toEqual(['a'])
  await vi.advanceTimersByTimeAsync(4_000)
  expect(log).toEqual(['a', 'a'])
  asked.get('a')!.fail()
  await settled()
  held.wake()
  expect(log).toHaveLength(3)
})

test('a page that never comes is given up and asked for again', async () => {
  const { log, pages: held } = server()
  held.want(pages('a'))
  await vi.advanceTimersByTimeAsync(35_000)
  expect(log).toEqual(['a', 'a'])
})

test('what the server refuses is not asked for again while it is wanted', async () => {
  const { asked, log, pages: held } = server()
  held.want(pages('a', 'b'))
  asked.get('a')!.fail(new Refusal('not_found'))
  asked.get('b')!.give()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(log).toEqual(['a', 'b'])
})

test('what is not wanted any more leaves the device, also when it is still on its way', async () => {
  const { asked, pages: held } = server()
  held.want(pages('a', 'b'))
  asked.get('a')!.give()
  await settled()
  held.want([])
  asked.get('b')!.give()
  await settled()
  expect(URL.revokeObjectURL).toHaveBeenCalledExactlyOnceWith('blob:1')
  expect([held.url(page('a')), held.url(page('b'))]).toEqual([undefined, undefined])
})
