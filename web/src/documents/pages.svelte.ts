/** Pages on this tablet: manifests and page images, fetched in the order wanted and shown by their object URLs. */
import { SvelteMap } from 'svelte/reactivity'
import type { ImageView, Manifest, PageView, PaperView, TocEntry } from '../contract.gen'
import { Refusal } from '../refusal'
import { inTurn } from './download'
import type { Wanted } from './order'
import { blob, type Priority } from './storage'

/** So many of one urgency at a time: enough to fill a link. What is less urgent never makes anything wait. */
const AT_ONCE = 3
/** After a failure, and up to as long again. */
const REST_MS = 2_000

export class Pages {
  /** Object URLs of the images that are here, by hash. */
  readonly #urls = new SvelteMap<string, string>()
  /** Manifests that are here, by hash, and the newest one of each paper's version. */
  readonly #read = new SvelteMap<string, Manifest>()
  readonly #newest = new SvelteMap<string, Manifest>()
  /** Text layers that are on the disk, by hash. */
  readonly #words = new Set<string>()
  readonly #going = new Map<string, { priority: Priority; giveUp: AbortController }>()
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
    const hashes = new Map(wanted.map(({ sha256, priority }) => [sha256, priority]))
    for (const [sha256, url] of this.#urls) {
      if (hashes.has(sha256)) continue
      this.#urls.delete(sha256)
      URL.revokeObjectURL(url)
    }
    for (const [sha256, { priority, giveUp }] of this.#going) {
      const now = hashes.get(sha256)
      // What waits for its turn and is wanted at once is asked for anew, without one.
      if (now !== undefined && (inTurn(now) || !inTurn(priority))) continue
      giveUp.abort()
      this.#going.delete(sha256)
    }
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
      const { sha256, priority } = wanted
      if ([this.#urls, this.#read, this.#words, this.#going, this.#refused].some((one) => one.has(sha256))) continue
      if ([...this.#going.values()].filter((one) => one.priority <= priority).length >= AT_ONCE) return
      void this.#fetch(wanted)
    }
  }

  async #fetch({ sha256, priority, is }: Wanted): Promise<void> {
    const mine = { priority, giveUp: new AbortController() }
    const givenUp = () => this.#going.get(sha256) !== mine
    this.#going.set(sha256, mine)
    try {
      const found = await this.fetchBlob(sha256, priority, mine.giveUp.signal)
      const listed = is === 'manifest' && (JSON.parse(await found.text()) as Manifest)
      // A manifest that a newer one has overtaken on the way would take back the larger images.
      if (givenUp()) return
      if (listed) this.#list(sha256, listed)
      else if (is === 'words') this.#words.add(sha256)
      else this.#urls.set(sha256, URL.createObjectURL(found))
    } catch (thrown) {
      if (givenUp()) return
      if (thrown instanceof Refusal) this.#refused.add(sha256)
      else this.#rest()
    }
    this.#going.delete(sha256)
    this.#pump()
  }

  #list(sha256: string, manifest: Manifest): void {
    this.#read.set(sha256, manifest)
    this.#newest.set(`${manifest.paper_id} ${manifest.version}`, manifest)
    const blobs = manifest.pages.flatMap(({ image, large, tiles, text }) => [image, large, text, ...(tiles?.images ?? [])])
    this.onlisted(manifest, [sha256, ...blobs.flatMap((one) => one?.sha256 ?? [])])
  }

  #rest(): void {
    clearTimeout(this.#resting)
    this.#resting = setTimeout(() => this.wake(), REST_MS * (1 + Math.random()))
  }
}
