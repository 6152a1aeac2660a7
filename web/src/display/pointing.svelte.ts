/** Where the presenter is and points just now, as their tablet signals it between two turns of the page. */
import type { Pointing, Presenting } from '../contract.gen'
import { link } from '../link'
import { sitting } from '../state.svelte'

/** A point of a page, in ten-thousandths of its width and height. */
export interface Spot {
  x: number
  y: number
  laser: boolean
}

class PresenterHand {
  /** The newest signal, and what was presented when it came. */
  #signal = $state.raw<{ body: Pointing; over: Presenting } | null>(null)

  constructor() {
    link.on<Pointing>('pointing', (body, meetingId) => {
      const over = sitting.id === meetingId ? sitting.display?.presenting : null
      this.#signal = over ? { body, over } : null
    })
  }

  /** What is presented, where the hand has moved it meanwhile; the page at rest, once that is told, is newer than any signal before. */
  get presenting(): Presenting | null {
    const shown = sitting.display?.presenting ?? null
    const signal = this.#signal
    if (!shown || signal?.over !== shown || signal.body.paper_id !== shown.paper_id) return shown
    const { page, top, left, zoom } = signal.body
    return { ...shown, page, top, left, zoom }
  }

  /** What is pointed at on this page. */
  on(paperId: number, page: number): Spot | null {
    const signal = this.#signal
    if (!signal || signal.over.member_id !== sitting.display?.presenting?.member_id) return null
    const { paper_id, x, y, laser } = signal.body
    return paper_id === paperId && signal.body.page === page && x !== null && y !== null ? { x, y, laser } : null
  }
}

export const hand = new PresenterHand()
