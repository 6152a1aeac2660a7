/** Which members have a screen open, as the server tells those who run the floor or watch receipts. */
import { SvelteMap } from 'svelte/reactivity'
import { link } from './link'

class Presence {
  readonly #online = new SvelteMap<number, ReadonlySet<number>>()

  constructor() {
    link.on<{ members: number[] }>('presence', ({ members }, meetingId) => this.#online.set(meetingId, new Set(members)))
  }

  /** Members of this meeting with at least one open screen. */
  of(meetingId: number | null): ReadonlySet<number> {
    return this.#online.get(meetingId ?? 0) ?? NOBODY
  }
}

const NOBODY: ReadonlySet<number> = new Set()

export const presence = new Presence()
