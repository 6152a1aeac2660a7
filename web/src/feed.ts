import type { Envelope, Me, Snapshot, Sync } from './contract.gen'
import type { Refusal } from './refusal'

/** Where the events of a meeting go. */
export interface Sink {
  load(snapshot: Snapshot): void
  apply(envelope: Envelope): void
  /** Who is looking, as the server knows it; told with every answer. */
  seen(me: Me): void
  /** The meeting may not be seen (any more). */
  refused(refusal: Refusal): void
}

/** The order of one meeting's events: what was seen in each room, what is a repeat, and where something is missing. */
export class Feed {
  #heads: Record<string, number> = {}
  #waiting: Envelope[] = []
  #syncing = false
  /** Everything up to here was seen; null before the first snapshot. */
  revision: number | null = null

  constructor(private readonly sink: Sink) {}

  /** The number to ask the server from. Until `synced`, arriving events wait. */
  asking(): number | null {
    this.#syncing = true
    return this.revision
  }

  refused(refusal: Refusal): void {
    this.#syncing = false
    this.#waiting = []
    this.sink.refused(refusal)
  }

  /** The next answer shall be a whole snapshot. */
  forget(): void {
    this.revision = null
  }

  /** An event arrived. False: something before it is missing, ask again. */
  receive(envelope: Envelope): boolean {
    if (this.#syncing || this.revision === null) {
      this.#waiting.push(envelope)
      return true
    }
    const head = this.#heads[envelope.room] ?? 0
    if (envelope.seq <= head) return true
    if (envelope.prev > head) {
      this.revision = Math.min(this.revision, head)
      return false
    }
    this.#apply(envelope)
    return true
  }

  /** The server's answer. False: ask again. Rooms are sent apart, and a fast noun may be held back while another room goes on: what
      comes after our number does not always join on to what we have of its room. Then only a whole snapshot helps. */
  synced(sync: Sync): boolean {
    this.#syncing = false
    this.sink.seen(sync.me)
    if (sync.snapshot !== null) {
      this.sink.load(sync.snapshot)
      this.#heads = { ...sync.heads }
      this.revision = sync.revision
    } else {
      const joined = this.revision !== null && sync.events.every((event) => this.receive(event))
      if (!joined || Object.entries(sync.heads).some(([room, head]) => head > (this.#heads[room] ?? 0))) {
        this.revision = null
        return false
      }
      this.revision = Math.max(this.revision ?? 0, sync.revision)
    }
    const waiting = this.#waiting
    this.#waiting = []
    return waiting.every((envelope) => this.receive(envelope))
  }

  #apply(envelope: Envelope): void {
    this.sink.apply(envelope)
    this.#heads[envelope.room] = envelope.seq
    this.revision = Math.max(this.revision ?? 0, envelope.seq)
  }
}
