import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Manifest, PaperView } from '../contract.gen'
import { Refusal } from '../refusal'
import type { Wanted } from './order'
import { Pages } from './pages.svelte'

/** A server that gives a page when told to. */
function server() {
  const asked = new Map<string, { give(content?: string): void; fail(why?: unknown): void }>()
  const log: string[] = []
  const fetchBlob = (sha256: string, _priority?: number, signal?: AbortSignal) =>
    new Promise<Blob>((done, failed) => {
      log.push(sha256)
      asked.set(sha256, { give: (content = sha256) => done(new Blob([content])), fail: (why = new Error('network')) => failed(why) })
      signal?.addEventListener('abort', () => failed(new Error('aborted')))
    })
  return { asked, log, pages: new Pages(fetchBlob) }
}

const page = (sha256: string, priority: Wanted['priority'] = 1): Wanted => ({ sha256, priority })
const pages = (...hashes: string[]) => hashes.map((one) => page(one))
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

test('what nobody waits for holds up nothing that is before the eyes, also when it is the same page', async () => {
  const { asked, log, pages: held } = server()
  const rest = ['a', 'b', 'c', 'd'].map((one) => page(one, 4))
  held.want(rest)
  held.want([page('x', 0), ...rest])
  expect(log).toEqual(['a', 'b', 'c', 'x'])
  const early = asked.get('b')!
  held.want([page('b', 0), page('x', 2), ...rest.filter(({ sha256 }) => sha256 !== 'b')])
  expect(log).toEqual(['a', 'b', 'c', 'x', 'b'])
  early.give('late')
  asked.get('b')!.give()
  await settled()
  expect([held.url(page('b')), URL.createObjectURL('' as never)]).toEqual(['blob:1', 'blob:2'])
})

test('words are laid on the disk; they are no image', async () => {
  const { asked, log, pages: held } = server()
  const words: Wanted = { sha256: 'w', priority: 4, is: 'words' }
  held.want([words])
  asked.get('w')!.give()
  await settled()
  held.want([words, ...pages('a')])
  expect(log).toEqual(['w', 'a'])
  expect(held.url(words)).toBeUndefined()
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

test('a manifest tells which pages there are; before it comes, page 1 is known', async () => {
  const { asked, pages: held } = server()
  const image = (sha256: string) => ({ sha256, width: 1600, height: 2263, size: 84_000 })
  const paper = { id: 5, version: 2, first: image('a'), page_count: 3 } as PaperView
  expect(held.of(paper).map((one) => one.image.sha256)).toEqual(['a'])
  held.want([{ sha256: 'm', priority: 2, is: 'manifest' }, ...pages('b', 'c')])
  const manifest: Manifest = { paper_id: 5, version: 2, page_count: 3, pages: ['a', 'b', 'c'].map((one) => ({ image: image(one) })), toc: [] }
  asked.get('m')!.give(JSON.stringify(manifest))
  asked.get('c')!.give()
  await settled()
  expect(held.of(paper).map((one) => one.image.sha256)).toEqual(['a', 'b', 'c'])
  expect([held.heldPages(paper), held.held(paper), held.of(paper, 1)]).toEqual([[3], 1, []])
})

test('the newest manifest brings the larger images, and one that comes late takes nothing back', async () => {
  const given = new Map<string, (content: Blob) => void>()
  // A disk that does not look at the signal: what was asked for comes.
  const slow = new Pages((sha256) => new Promise((done) => given.set(sha256, done)))
  const image = { sha256: 'a', width: 1600, height: 2263, size: 84_000 }
  const large = { sha256: 'l', width: 2560, height: 3620, size: 190_000 }
  const paper = { id: 5, version: 1, first: image, page_count: 1 } as PaperView
  const manifest = (sharper: typeof large | null) => new Blob([JSON.stringify({ paper_id: 5, version: 1, page_count: 1, pages: [{ image, large: sharper }], toc: [] })])
  const listed = (sha256: string): Wanted => ({ sha256, priority: 2, is: 'manifest' })
  slow.want([listed('first')])
  slow.want([listed('second')])
  given.get('second')!(manifest(large))
  await vi.waitFor(() => expect(slow.of(paper)[0]?.large).toEqual(large))
  given.get('first')!(manifest(null))
  await settled()
  await manifest(null).text()
  await settled()
  expect(slow.of(paper)[0]?.large).toEqual(large)
})
