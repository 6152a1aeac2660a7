/** Pages on this tablet: manifests and page images, fetched in the order wanted and shown by their object URLs. */
import { SvelteMap } from 'svelte/reactivity'
import type { ImageView, Manifest, PageView, PaperView, TocEntry } from '../contract.gen'
import { Refusal } from '../refusal'
import type { Wanted } from './order'
import { blob } from './storage'

/** So many at a time: enough to fill a link, few enough that a page wanted now is not behind many others. */
const AT_ONCE = 3
/** A page that has not come by then is asked for again. */
const PATIENCE_MS = 30_000
/** After a failure, and up to as long again. */
const REST_MS = 2_000

export class Pages {
  /** Object URLs of the images that are here, by hash. */
  readonly #urls = new SvelteMap<string, string>()
  /** Manifests that are here, by hash, and the newest one of each paper's version. */
  readonly #read = new SvelteMap<string, Manifest>()
  readonly #newest = new SvelteMap<string, Manifest>()
  readonly #going = new Map<string, AbortController>()
  /** What the server does not give (any more). */
  readonly #refused = new Set<string>()
  #wanted: readonly Wanted[] = []
  #resting: ReturnType<typeof setTimeout> | undefined

  /** A manifest was read: which blobs are its version's. */
  onlisted: (manifest: Manifest, hashes: string[]) => void = () => undefined

  constructor(private readonly fetchBlob: typeof blob = blob) {}

  /** Everything a tablet should hold, most urgent first. What is not wanted any more (withdrawn, replaced) leaves the device. */
  want(wanted: readonly Wanted[]): void {
    this.#wanted = wanted
    const hashes = new Set(wanted.map(({ sha256 }) => sha256))
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
  url(image: Pick<ImageView, 'sha256'> | undefined): string | undefined {
    return image && this.#urls.get(image.sha256)
  }

  /** The pages of a version as far as this tablet knows them, from page 1 on; reactive. */
  of(paper: PaperView, version = paper.version): readonly PageView[] {
    const known = this.#newest.get(`${paper.id} ${version}`)?.pages
    if (known?.length) return known
    return version === paper.version && paper.first ? [{ image: paper.first, large: null, tiles: null, text: null, links: [], changed: false }] : []
  }

  /** Its headings; reactive. */
  toc(paper: PaperView, version = paper.version): readonly TocEntry[] {
    return this.#newest.get(`${paper.id} ${version}`)?.toc ?? []
  }

  /** How many pages of a paper's newest version are here; reactive. */
  held(paper: PaperView): number {
    return this.heldPages(paper).length
  }

  /** Which ones, by number; reactive. */
  heldPages(paper: PaperView): number[] {
    return this.of(paper).flatMap(({ image }, index) => (this.#urls.has(image.sha256) ? index + 1 : []))
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
    for (const wanted of this.#wanted) {
      if (this.#going.size >= AT_ONCE) return
      const { sha256 } = wanted
      if (!this.#urls.has(sha256) && !this.#read.has(sha256) && !this.#going.has(sha256) && !this.#refused.has(sha256)) void this.#fetch(wanted)
    }
  }

  async #fetch({ sha256, priority, manifest }: Wanted): Promise<void> {
    const giveUp = new AbortController()
    const patience = setTimeout(() => giveUp.abort(), PATIENCE_MS)
    this.#going.set(sha256, giveUp)
    try {
      const found = await this.fetchBlob(sha256, priority, giveUp.signal)
      const listed = manifest && (JSON.parse(await found.text()) as Manifest)
      // A manifest that a newer one has overtaken on the way would take back the larger images.
      if (!this.#wants(sha256)) return
      if (listed) this.#list(sha256, listed)
      else this.#urls.set(sha256, URL.createObjectURL(found))
    } catch (thrown) {
      if (thrown instanceof Refusal) this.#refused.add(sha256)
      else if (this.#wants(sha256)) this.#rest()
    } finally {
      clearTimeout(patience)
      this.#going.delete(sha256)
    }
    this.#pump()
  }

  #list(sha256: string, manifest: Manifest): void {
    this.#read.set(sha256, manifest)
    this.#newest.set(`${manifest.paper_id} ${manifest.version}`, manifest)
    const blobs = manifest.pages.flatMap(({ image, large, tiles, text }) => [image, large, text, ...(tiles?.images ?? [])])
    this.onlisted(manifest, [sha256, ...blobs.flatMap((one) => one?.sha256 ?? [])])
  }

  #wants(sha256: string): boolean {
    return this.#wanted.some((one) => one.sha256 === sha256)
  }

  #rest(): void {
    clearTimeout(this.#resting)
    this.#resting = setTimeout(() => this.wake(), REST_MS * (1 + Math.random()))
  }
}
