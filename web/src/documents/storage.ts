/** The one place of blobs on this tablet: page images, text layers and manifests, named by the SHA-256 of their content. They are kept
    in the browser's Cache until their paper is taken back, their meeting expires or another person comes. */
import { disk, type KeptPaper } from '../disk'
import { digest, download } from './download'

/** Most urgent first: before the eyes, the first page of a paper, what may be turned to next, the item in hand, the rest. */
export type Priority = 0 | 1 | 2 | 3 | 4

const CACHE = 'meetroom-papers'
const address = (sha256: string) => `/b/${sha256}`

export interface Usage {
  /** Of all blobs here. */
  bytes: number
  /** Papers of which something is here. */
  papers: number
  /** What the browser grants at most, bytes; 0: it does not say. */
  quota: number
  /** The browser promised not to clear it by itself. */
  persisted: boolean
  /** The disk was full: what does not fit is fetched again when it is wanted. */
  full: boolean
}

export class Storage {
  #full = false
  /** Called once each time the disk has become full. */
  onfull: () => void = () => undefined

  constructor(private readonly fetchBlob: typeof download = download) {}

  /** A blob, whole and as its name says. Rejects with a Refusal when the server does not give it (any more), with an Error when it
      is not here and the server could not be reached. */
  async blob(sha256: string, priority: Priority = 0, signal?: AbortSignal): Promise<Blob> {
    const kept = await this.#read(sha256)
    if (kept) return kept
    const found = await this.fetchBlob(sha256, priority, signal)
    // Taken back meanwhile, or another person came: it must not lie on the disk again.
    signal?.throwIfAborted()
    await this.#write(sha256, found)
    return found
  }

  /** These blobs are a paper's: they stay as long as it may be read, and go with it. */
  async note(paper: KeptPaper): Promise<void> {
    await (await disk())?.put('papers', paper).catch(() => undefined)
  }

  /** Papers of a meeting that may no longer be read leave the device: all but those that `stay`. */
  async keepOnly(meeting: number, stay: ReadonlySet<number>): Promise<void> {
    await this.#forget((paper) => paper.meeting === meeting && !stay.has(paper.paper))
  }

  async forgetMeeting(meeting: number): Promise<void> {
    await (await disk())?.delete('meetings', meeting)
    await this.#forget((paper) => paper.meeting === meeting)
  }

  /** Meetings that were closed more than `days` ago leave the device, by the server's clock where it is known. */
  async expire(now: number, days: number): Promise<void> {
    for (const { id, snapshot } of (await (await disk())?.getAll('meetings')) ?? []) {
      const closed = snapshot.meetings?.find((one) => one.id === id)?.closed_at
      if (closed && now - Date.parse(closed) > days * 24 * 3600_000) await this.forgetMeeting(id)
    }
  }

  /** Nothing of the person who used this tablet stays. */
  async wipe(): Promise<void> {
    await globalThis.caches?.delete(CACHE).catch(() => false)
    const database = await disk()
    for (const store of ['visit', 'meetings', 'papers', 'blobs'] as const) await database?.clear(store)
    this.#full = false
  }

  /** Delete the papers, not the meetings: they come again while there is a network. */
  async empty(): Promise<void> {
    await globalThis.caches?.delete(CACHE).catch(() => false)
    await (await disk())?.clear('blobs')
    this.#full = false
  }

  async usage(): Promise<Usage> {
    const database = await disk()
    const blobs = (await database?.getAll('blobs')) ?? []
    const kept = new Set(blobs.map(({ sha256 }) => sha256))
    const papers = ((await database?.getAll('papers')) ?? []).filter(({ hashes }) => hashes.some((one) => kept.has(one)))
    const [estimate, persisted] = await Promise.all([navigator.storage?.estimate?.().catch(() => null), navigator.storage?.persisted?.().catch(() => false)])
    return {
      bytes: blobs.reduce((sum, { size }) => sum + size, 0),
      papers: new Set(papers.map(({ meeting, paper }) => `${meeting} ${paper}`)).size,
      quota: estimate?.quota ?? 0,
      persisted: persisted ?? false,
      full: this.#full,
    }
  }

  async #read(sha256: string): Promise<Blob | null> {
    try {
      const cache = await globalThis.caches?.open(CACHE)
      const kept = await (await cache?.match(address(sha256)))?.blob()
      if (!kept) return null
      if ((await digest(kept)) === sha256) {
        void this.#used(sha256, kept.size)
        return kept
      }
      await cache!.delete(address(sha256))
    } catch {
      // The disk cannot be read: the network has it.
    }
    return null
  }

  /** What does not fit after the least used of what nobody wants has gone stays in memory only. */
  async #write(sha256: string, found: Blob): Promise<void> {
    if (!globalThis.caches) return
    for (let tries = 0; tries < 2; tries++) {
      try {
        const cache = await caches.open(CACHE)
        await cache.put(address(sha256), new Response(found, { headers: { 'Content-Type': found.type, 'Content-Length': String(found.size) } }))
        await this.#used(sha256, found.size)
        this.#full = false
        return
      } catch {
        if (tries || !(await this.#makeRoom(found.size * 8))) break
      }
    }
    if (!this.#full) this.onfull()
    this.#full = true
  }

  async #used(sha256: string, size: number): Promise<void> {
    await (await disk())?.put('blobs', { sha256, size, used: Date.now() })
  }

  /** Delete what belongs to no paper any more and to old versions, least used first, until `bytes` are free. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const database = await disk()
    const papers = (await database?.getAll('papers')) ?? []
    const newest = new Map<string, number>()
    for (const { meeting, paper, version } of papers) newest.set(`${meeting} ${paper}`, Math.max(version, newest.get(`${meeting} ${paper}`) ?? 0))
    const wanted = new Set(papers.filter((one) => one.version === newest.get(`${one.meeting} ${one.paper}`)).flatMap(({ hashes }) => hashes))
    const idle = ((await database?.getAll('blobs')) ?? []).filter(({ sha256 }) => !wanted.has(sha256)).sort((a, b) => a.used - b.used)
    let freed = 0
    for (const { sha256, size } of idle) {
      if (freed >= bytes) break
      await this.#delete(sha256)
      freed += size
    }
    return freed > 0
  }

  async #forget(gone: (paper: KeptPaper) => boolean): Promise<void> {
    const database = await disk()
    const papers = (await database?.getAll('papers')) ?? []
    const leaving = papers.filter(gone)
    if (!leaving.length) return
    for (const { meeting, paper, version } of leaving) await database?.delete('papers', [meeting, paper, version])
    // Also what no note names any more: manifests that newer ones have replaced tell what is in a paper, too.
    const wanted = new Set(papers.filter((paper) => !gone(paper)).flatMap(({ hashes }) => hashes))
    for (const sha256 of (await database?.getAllKeys('blobs')) ?? []) if (!wanted.has(sha256)) await this.#delete(sha256)
  }

  async #delete(sha256: string): Promise<void> {
    await (await globalThis.caches?.open(CACHE))?.delete(address(sha256))
    await (await disk())?.delete('blobs', sha256)
  }
}

export const storage = new Storage()

/** As Storage.blob, of this tablet's storage. */
export function blob(sha256: string, priority: Priority = 0, signal?: AbortSignal): Promise<Blob> {
  return storage.blob(sha256, priority, signal)
}
