import type { Place } from '../documents/place'

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
