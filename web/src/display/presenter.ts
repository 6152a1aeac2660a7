import type { Pointing } from '../contract.gen'
import type { Place } from '../documents/place'

/** Twenty movements a second are smooth. */
export const SPACING_MS = 50

/** Shows pages to all, one after the other: while one is on its way, of those turned to meanwhile only the last is shown. */
export class Presenter {
  #waiting: { paperId: number; place: Place } | null = null
  #sending = false

  constructor(private readonly send: (paperId: number, place: Place) => Promise<unknown>) {}

  async show(paperId: number, place: Place): Promise<void> {
    this.#waiting = { paperId, place }
    if (this.#sending) return
    this.#sending = true
    try {
      for (let next = this.#take(); next; next = this.#take()) await this.send(next.paperId, next.place)
    } finally {
      this.#sending = false
    }
  }

  #take() {
    const next = this.#waiting
    this.#waiting = null
    return next
  }
}

/** Tells movements: at most one per SPACING_MS, one on its way at a time, and always the last one. One that is lost is not told again;
    the next one says everything. */
export class Mover {
  #newest: Pointing | null = null
  #busy = false

  constructor(private readonly send: (at: Pointing) => Promise<unknown>) {}

  move(at: Pointing): void {
    this.#newest = at
    if (!this.#busy) void this.#go()
  }

  async #go(): Promise<void> {
    this.#busy = true
    while (this.#newest) {
      const next = this.#newest
      this.#newest = null
      const pause = new Promise((done) => setTimeout(done, SPACING_MS))
      await this.send(next).catch(() => undefined)
      await pause
    }
    this.#busy = false
  }
}
