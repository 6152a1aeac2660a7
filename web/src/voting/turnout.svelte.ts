/** Who may vote and has not, as the server answers whoever runs the vote; asked again when ballots have come. */
import { untrack } from 'svelte'
import type { VoteView } from '../contract.gen'
import { ask } from '../http'
import { Refusal } from '../refusal'
import { sitting } from '../state.svelte'

export class Turnout {
  /** Members, null: not known (yet). */
  waiting = $state.raw<number[] | null>(null)
  #asked = 0

  constructor(vote: () => Pick<VoteView, 'id' | 'cast' | 'state'>) {
    const key = $derived(`${vote().id} ${vote().cast} ${vote().state}`)
    $effect(() => {
      void key
      untrack(() => void this.#ask(vote().id))
    })
  }

  async #ask(voteId: number): Promise<void> {
    const mine = ++this.#asked
    try {
      const { waiting } = await ask<{ waiting: number[] }>('GET', `/api/meetings/${sitting.id}/votes/${voteId}/turnout`)
      if (mine === this.#asked) this.waiting = waiting
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
    }
  }
}
