/** Where one person reads, and whether the pages turn with the presenter's. It survives a reload. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import type { Presenting } from '../contract.gen'
import type { Shelf } from '../shelf'
import type { Place } from './place'

const START: Place = { page: 1, top: 0 }

export class Reading {
  paperId = $state<number | null>(null)
  following = $state(true)
  /** Papers that have been before these eyes since the screen was loaded. */
  readonly opened = new SvelteSet<number>()
  /** In each paper the place where it was left. */
  readonly #places = new SvelteMap<number, Place>()
  #presenting = $state.raw<Presenting | null>(null)

  constructor(private readonly shelf: Pick<Shelf, 'get' | 'put'>) {
    const kept = shelf.get() as { paperId?: unknown; following?: unknown; places?: Record<string, Place> } | null
    if (typeof kept?.paperId === 'number') {
      this.paperId = kept.paperId
      this.opened.add(kept.paperId)
    }
    this.following = kept?.following !== false
    for (const [id, place] of Object.entries(kept?.places ?? {})) {
      if (Number.isInteger(place?.page) && Number.isInteger(place?.top)) this.#places.set(Number(id), place)
    }
  }

  get place(): Place {
    return this.#places.get(this.paperId ?? 0) ?? START
  }

  /** The pages turn with the presenter's now. */
  get led(): boolean {
    return this.following && this.#presenting !== null
  }

  /** By hand: take up a paper, where it was left. */
  open(paperId: number): void {
    this.touch()
    this.#go(paperId, this.#places.get(paperId) ?? START)
  }

  /** By hand: go to a place in the paper at hand. */
  turn(place: Place): void {
    if (this.paperId === null || (place.page === this.place.page && place.top === this.place.top)) return
    this.touch()
    this.#go(this.paperId, place)
  }

  /** What is presented now; null when nobody presents, and when it is me: I lead and do not follow. */
  present(presenting: Presenting | null): void {
    this.#presenting = presenting
    if (this.following && presenting) this.#go(presenting.paper_id, presenting)
  }

  leave(): void {
    this.following = false
    this.#keep()
  }

  rejoin(): void {
    this.following = true
    this.present(this.#presenting)
    this.#keep()
  }

  /** A hand on the page leaves the presenter. Where nobody presents there is nobody to leave. */
  touch(): void {
    if (this.#presenting) this.leave()
  }

  #go(paperId: number, { page, top }: Place): void {
    this.paperId = paperId
    this.#places.set(paperId, { page, top })
    this.opened.add(paperId)
    this.#keep()
  }

  #keep(): void {
    this.shelf.put({ paperId: this.paperId, following: this.following, places: Object.fromEntries(this.#places) })
  }
}
