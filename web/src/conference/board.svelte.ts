/** The board's figures, asked for again and again while somebody looks at them. */
import { untrack } from 'svelte'
import type { AskBoard, Board } from '../contract.gen'
import { link } from '../link'
import { Refusal } from '../refusal'
import { merged, newest } from './board'

const POLL_MS = 2_000
const OVERLAP_S = 6

/** To be made while a component starts; it stops when the component goes. */
export class Watch {
  board = $state.raw<Board | null>(null)
  /** Why the figures stand still. */
  refusal = $state.raw<Refusal | null>(null)

  constructor(meetingId: number) {
    $effect(() => {
      let over = false
      let timer: ReturnType<typeof setTimeout> | undefined
      const ask = async () => {
        if (document.visibilityState === 'visible') await this.#ask(meetingId)
        if (!over) timer = setTimeout(ask, POLL_MS)
      }
      untrack(() => void ask())
      return () => {
        over = true
        clearTimeout(timer)
      }
    })
  }

  async #ask(meetingId: number): Promise<void> {
    try {
      // Points are measured in turn: a little more than what is new, so that nobody's sample falls between two answers.
      const since = Math.max(0, newest(this.board) - OVERLAP_S)
      this.board = merged(this.board, await link.request<Board>('media.board', { meeting_id: meetingId, since } satisfies AskBoard))
      this.refusal = null
    } catch (thrown) {
      this.refusal = thrown instanceof Refusal ? thrown : new Refusal('internal')
    }
  }
}
