import { flushSync, mount, unmount } from 'svelte'
import { expect, test, vi } from 'vitest'
import type { PageView } from '../contract.gen'
import { WHOLE } from './margins'
import PageSharp from './PageSharp.svelte'

test('the larger image takes the place of the first one once the page is enlarged and a manifest lists it', async () => {
  URL.createObjectURL = () => 'blob:sharp'
  URL.revokeObjectURL = vi.fn()
  HTMLImageElement.prototype.decode = () => Promise.resolve()
  const blob = vi.fn((sha256: string) => Promise.resolve(new Blob([sha256])))
  const image = { sha256: 'a', width: 1600, height: 2263, size: 84_000 }
  const first: PageView = { image, large: null, tiles: null, text: null, links: [], changed: false }
  const props = $state({ page: first, px: 860, seen: { left: 0, top: 0, right: 1, bottom: 1 }, place: 0, of: 1, box: WHOLE, blob })
  const shown = mount(PageSharp, { target: document.body, props })
  const images = () => document.querySelectorAll('img').length
  props.px = 1892 // 220 %
  flushSync()
  expect([images(), blob.mock.calls]).toEqual([0, []])
  props.page = { ...first, large: { ...image, sha256: 'l', width: 2560 } }
  await vi.waitFor(() => expect(document.querySelector('img')?.getAttribute('src')).toBe('blob:sharp'))
  // A later manifest lists the same image: it is not fetched again.
  props.page = { ...props.page, changed: true }
  flushSync()
  expect(blob.mock.calls).toEqual([['l']])
  props.px = 860
  flushSync()
  expect(images()).toBe(0)
  await unmount(shown)
})
