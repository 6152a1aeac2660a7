/** Page images on this tablet: fetched in the order wanted, checked against their hash, kept in memory. */
import { SvelteMap } from 'svelte/reactivity'
import type { PageView, PaperView } from '../contract.gen'
import { Refusal } from '../refusal'

/** So many at a time: enough to fill a link, few enough that a page wanted now is not behind many others. */
const AT_ONCE = 3
/** A page that has not come by then is asked for again. */
const PATIENCE_MS = 30_000
/** After a failure, and up to as long again. */
const REST_MS = 2_000

export class Pages {
  /** Object URLs of the images that are here, by hash. */
  readonly #urls = new SvelteMap<string, string>()
  readonly #going = new Map<string, AbortController>()
  /** What the server does not give (any more). */
  readonly #refused = new Set<string>()
  #wanted: readonly PageView[] = []
  #resting: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly fetchPage: typeof fetchImage = fetchImage) {}

  /** Everything a tablet should hold, most urgent first. What is not wanted any more (withdrawn, replaced) leaves the device. */
  want(pages: readonly PageView[]): void {
    this.#wanted = pages
    const hashes = new Set(pages.map(({ sha256 }) => sha256))
    for (const [sha256, url] of this.#urls) {
      if (hashes.has(sha256)) continue
      this.#urls.delete(sha256)
      URL.revokeObjectURL(url)
    }
    for (const [sha256, going] of this.#going) if (!hashes.has(sha256)) going.abort()
    for (const sha256 of this.#refused) if (!hashes.has(sha256)) this.#refused.delete(sha256)
    this.#pump()
  }

  /** The image's address, once it is here; reactive. */
  url(page: PageView | undefined): string | undefined {
    return page && this.#urls.get(page.sha256)
  }

  /** How many pages of a paper are here; reactive. */
  held(paper: Pick<PaperView, 'pages'>): number {
    return paper.pages.filter((page) => this.#urls.has(page.sha256)).length
  }

  /** The network is back: do not wait any longer. */
  wake(): void {
    clearTimeout(this.#resting)
    this.#resting = undefined
    this.#pump()
  }

  close(): void {
    this.want([])
    clearTimeout(this.#resting)
  }

  #pump(): void {
    if (this.#resting) return
    for (const page of this.#wanted) {
      if (this.#going.size >= AT_ONCE) return
      if (!this.#urls.has(page.sha256) && !this.#going.has(page.sha256) && !this.#refused.has(page.sha256)) void this.#fetch(page)
    }
  }

  async #fetch({ sha256 }: PageView): Promise<void> {
    const giveUp = new AbortController()
    const patience = setTimeout(() => giveUp.abort(), PATIENCE_MS)
    this.#going.set(sha256, giveUp)
    try {
      const image = await this.fetchPage(sha256, giveUp.signal)
      if (this.#wants(sha256)) this.#urls.set(sha256, URL.createObjectURL(image))
    } catch (thrown) {
      if (thrown instanceof Refusal) this.#refused.add(sha256)
      else if (this.#wants(sha256)) this.#rest()
    } finally {
      clearTimeout(patience)
      this.#going.delete(sha256)
    }
    this.#pump()
  }

  #wants(sha256: string): boolean {
    return this.#wanted.some((page) => page.sha256 === sha256)
  }

  #rest(): void {
    clearTimeout(this.#resting)
    this.#resting = setTimeout(() => this.wake(), REST_MS * (1 + Math.random()))
  }
}

/** Throws Refusal when the server does not give it, Error when it could not be reached or the image is damaged. */
async function fetchImage(sha256: string, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(`/b/${sha256}`, { signal })
  if (response.status === 404) throw new Refusal('not_found')
  if (!response.ok) throw new Error(`page image: ${response.status}`)
  const image = await response.blob()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await image.arrayBuffer()))
  const found = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  if (found !== sha256) throw new Error('page image: damaged on the way')
  return image
}
