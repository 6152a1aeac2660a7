/** Where one person reads, and whether the pages turn with the presenter's. It survives a reload. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import type { Presenting } from '../contract.gen'
import type { Shelf } from '../shelf'
import { type Place, samePlace, START } from './place'

/** So many steps of links and search results can be taken back. */
const BACK = 20

export class Reading {
  paperId = $state<number | null>(null)
  following = $state(true)
  /** Papers that have been before these eyes since the screen was loaded. */
  readonly opened = new SvelteSet<number>()
  /** In each paper the place where it was left. */
  readonly #places = new SvelteMap<number, Place>()
  /** The version of each paper that these eyes are on: a newer one is offered, never put in its place. */
  readonly #versions = new SvelteMap<number, number>()
  #presenting = $state.raw<Presenting | null>(null)
  /** Where links and search results were followed from, the newest last. */
  #from = $state.raw<{ paperId: number; place: Place }[]>([])

  constructor(private readonly shelf: Pick<Shelf, 'get' | 'put'>) {
    const kept = shelf.get() as { paperId?: unknown; following?: unknown; places?: Record<string, Place> } | null
    if (typeof kept?.paperId === 'number') {
      this.paperId = kept.paperId
      this.opened.add(kept.paperId)
    }
    this.following = kept?.following !== false
    for (const [id, place] of Object.entries(kept?.places ?? {})) {
      if (Number.isInteger(place?.page) && Number.isInteger(place?.top)) this.#places.set(Number(id), { ...START, page: place.page, top: place.top })
    }
  }

  get place(): Place {
    return this.#places.get(this.paperId ?? 0) ?? START
  }

  /** Of the paper at hand; null: whichever is the newest. */
  get version(): number | null {
    return this.#versions.get(this.paperId ?? 0) ?? null
  }

  /** By hand, or because there is no other: look at this version, on the same page. */
  take(paperId: number, version: number): void {
    this.#versions.set(paperId, version)
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
    if (this.paperId === null || samePlace(place, this.place)) return
    this.touch()
    this.#go(this.paperId, place)
  }

  /** By hand: follow a link or a search result; `goBack` leads back, unless this was only one step further. */
  jump(paperId: number, page: number, top = 0, further = false): void {
    if (this.paperId !== null && !further) this.#from = [...this.#from.slice(1 - BACK), { paperId: this.paperId, place: this.place }]
    this.touch()
    this.#go(paperId, { ...START, page, top })
  }

  /** The page one came from by a link or a search result. */
  get from(): { paperId: number; page: number } | null {
    const last = this.#from.at(-1)
    return last ? { paperId: last.paperId, page: last.place.page } : null
  }

  goBack(): void {
    const last = this.#from.at(-1)
    if (!last) return
    this.#from = this.#from.slice(0, -1)
    this.touch()
    this.#go(last.paperId, last.place)
  }

  /** What is presented now; null when nobody presents, and when it is me: I lead and do not follow. */
  present(presenting: Presenting | null): void {
    this.#presenting = presenting
    if (this.following && presenting) this.#go(presenting.paper_id, presenting, presenting.page !== this.place.page)
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

  /** `keep`: a presenter's small movements are not worth remembering. */
  #go(paperId: number, { page, top, left, zoom }: Place, keep = true): void {
    const other = paperId !== this.paperId
    this.paperId = paperId
    this.#places.set(paperId, { page, top, left, zoom })
    this.opened.add(paperId)
    if (keep || other) this.#keep()
  }

  #keep(): void {
    this.shelf.put({ paperId: this.paperId, following: this.following, places: Object.fromEntries(this.#places) })
  }
}
