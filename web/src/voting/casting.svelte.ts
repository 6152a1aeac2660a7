/** One's own ballots on their way to the server. A choice is on this device until the server has it or has refused it. */
import { SvelteMap } from 'svelte/reactivity'
import { clock } from '../clock.svelte'
import type { BallotView } from '../contract.gen'
import type { Link } from '../link'
import { Refusal } from '../refusal'
import type { Shelf } from '../shelf'

/** Per question the chosen codes, in the order of the options. */
export type Answers = string[][]

export interface Sending {
  vote_id: number
  answers: Answers
  opinion: string | null
  /** Milliseconds since 1970, by the server's clock. */
  since: number
}

export class Casting {
  sending = $state.raw<Sending | null>(null)
  /** Votes in which my ballot was refused. */
  readonly refused = new SvelteMap<number, Refusal>()
  readonly #acknowledged = new SvelteMap<number, BallotView>()

  constructor(
    private readonly meetingId: number,
    private readonly link: Pick<Link, 'send'>,
    private readonly shelf: Pick<Shelf, 'get' | 'put'>,
    /** Ballots as the server has told them. */
    private readonly ballots: ReadonlyMap<number, BallotView>,
  ) {
    const left = shelf.get() as Sending | null
    if (!left) return
    // Asking again does no harm: the last choice counts. What arrived meanwhile need not be asked.
    const stored = ballots.get(left.vote_id)
    if (stored && Date.parse(stored.recorded_at) >= left.since && same(stored, left)) shelf.put(null)
    else void this.cast(left.vote_id, left.answers, left.opinion)
  }

  /** The ballot that is on the server's disk. */
  ballot(voteId: number): BallotView | undefined {
    const told = this.ballots.get(voteId)
    const acknowledged = this.#acknowledged.get(voteId)
    if (!told || !acknowledged) return told ?? acknowledged
    return told.recorded_at > acknowledged.recorded_at ? told : acknowledged
  }

  async cast(vote_id: number, answers: Answers, opinion: string | null = null): Promise<void> {
    const mine = { vote_id, answers, opinion, since: clock.read() }
    this.sending = mine
    this.refused.delete(vote_id)
    this.shelf.put(mine)
    try {
      const order = { meeting_id: this.meetingId, vote_id, answers, opinion }
      this.#acknowledged.set(vote_id, await this.link.send('vote.cast', order, { keep: true, key: `vote ${vote_id}` }))
    } catch (thrown) {
      // Signed out: the outbox keeps it for the next visit, and so do we.
      if (thrown instanceof Refusal && thrown.code === 'login') return
      this.refused.set(vote_id, thrown instanceof Refusal ? thrown : new Refusal('internal'))
    }
    if (this.sending !== mine) return
    this.sending = null
    this.shelf.put(null)
  }
}

export function same(one: Pick<BallotView, 'answers' | 'opinion'>, other: { answers: Answers; opinion: string | null }): boolean {
  return JSON.stringify([one.answers, one.opinion]) === JSON.stringify([other.answers, other.opinion])
}
