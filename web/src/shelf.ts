import { session } from './session.svelte'

/** What a screen remembers on this device over a reload, for one person in one meeting: the page, an unsent choice. A shared tablet
    remembers only until its tab is closed. Where the browser keeps nothing, nothing is remembered. */
export class Shelf {
  readonly #key: string

  constructor(name: string, meetingId: number) {
    this.#key = `meetroom.${name}.${meetingId}.${session.person?.id ?? 0}`
  }

  /** As it was put; null when there is nothing, or nothing that can be read. */
  get(): unknown {
    try {
      return JSON.parse(this.#storage.getItem(this.#key) ?? 'null')
    } catch {
      return null
    }
  }

  put(value: object | null): void {
    try {
      if (value) this.#storage.setItem(this.#key, JSON.stringify(value))
      else this.#storage.removeItem(this.#key)
    } catch {
      // Full or forbidden: it is lost at the next reload, nothing more.
    }
  }

  get #storage(): Storage {
    return session.mine?.seat_of == null ? localStorage : sessionStorage
  }
}
