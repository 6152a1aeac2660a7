/** Text layers of pages: read once from their blobs, and folded once for searching. */
import type { TextLayer } from '../contract.gen'
import { type Folded, folded } from './find'
import { blob, type Priority } from './storage'
import { readText } from './text'

export class Texts {
  readonly #layers = new Map<string, Promise<TextLayer>>()
  readonly #folded = new Map<string, Promise<Folded>>()

  constructor(
    private readonly fetch: (sha256: string, priority: Priority) => Promise<Blob> = blob,
    private readonly read: typeof readText = readText,
  ) {}

  /** Rejects as `blob` does; then it is asked for again the next time. */
  layer(sha256: string, priority: Priority = 0): Promise<TextLayer> {
    return kept(this.#layers, sha256, async () => this.read(await this.fetch(sha256, priority)))
  }

  folded(sha256: string, priority: Priority = 0): Promise<Folded> {
    return kept(this.#folded, sha256, async () => folded(await this.layer(sha256, priority)))
  }
}

function kept<T>(of: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let made = of.get(key)
  if (!made) {
    of.set(key, (made = make()))
    made.catch(() => of.delete(key))
  }
  return made
}
