/** A search: in the paper at hand from its text layers, in the whole meeting by the server, or without it in what is on this device. */
import { SvelteMap } from 'svelte/reactivity'
import type { FoundPage, FoundPages, PageView, PaperView } from '../contract.gen'
import { ask } from '../http'
import { Refusal } from '../refusal'
import { asked, findIn, type Found } from './find'
import type { Box } from './text'
import type { Texts } from './texts'

export type Where = 'paper' | 'meeting'

/** A place found. `number`: which one on its page. */
export interface Hit extends Pick<Found, 'before' | 'words' | 'after'> {
  paperId: number
  page: number
  number: number
}

/** A paper with its pages, as far as they are known here. */
export interface Searched {
  paper: PaperView
  leaves: readonly PageView[]
}

const MOST = 300
/** One waits until so long nothing was typed. */
const TYPING_MS = 200
/** The server answers so late only when it cannot be reached. */
const PATIENCE_MS = 6_000

export class Seeking {
  query = $state('')
  where = $state<Where>('paper')
  hits = $state.raw<readonly Hit[]>([])
  /** There are more than are listed. */
  more = $state(false)
  searching = $state(false)
  /** Without the server: only what is here was searched. */
  offline = $state(false)
  /** The hit that is looked at. */
  at = $state<number | null>(null)
  /** Boxes of all hits, by page, of the paper whose id is `marked`. */
  readonly #boxes = new SvelteMap<string, Box[]>()
  #asked = 0
  #typing: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly meetingId: number,
    private readonly texts: Pick<Texts, 'folded'>,
    private readonly papers: () => { all: readonly Searched[]; open: Searched | undefined },
    private readonly server: typeof askServer = askServer,
  ) {}

  get words(): string {
    return asked(this.query)
  }

  /** What is marked on a page of this paper. */
  marks(paperId: number, page: number): Box[] {
    return this.words ? (this.#boxes.get(`${paperId} ${page}`) ?? []) : []
  }

  /** The words or the place to look have changed. */
  typed(): void {
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => void this.search(), TYPING_MS)
  }

  async search(): Promise<void> {
    clearTimeout(this.#typing)
    const mine = ++this.#asked
    const words = this.words
    this.#boxes.clear()
    this.at = null
    this.offline = this.more = false
    if (!words) {
      this.hits = []
      this.searching = false
      return
    }
    this.searching = true
    const current = () => mine === this.#asked
    const { all, open } = this.papers()
    try {
      if (this.where === 'paper') await this.#here(words, open ? [open] : [], current)
      else if (!(await this.#there(current))) await this.#here(words, all, current)
    } finally {
      if (current()) this.searching = false
    }
  }

  /** Mark what was searched for on a page that is about to be seen. */
  async mark(paperId: number, number: number, page: PageView | undefined): Promise<void> {
    const [words, mine, key] = [this.words, this.#asked, `${paperId} ${number}`]
    if (!words || !page?.text || this.#boxes.has(key)) return
    const found = await this.texts.folded(page.text.sha256).then((text) => findIn(text, words), () => [])
    if (mine === this.#asked) this.#boxes.set(key, found.flatMap(({ boxes }) => boxes))
  }

  /** Where on its page a hit stands, once the page's words are here. */
  async topOf(hit: Hit, page: PageView | undefined): Promise<number> {
    if (!page?.text) return 0
    const words = this.words
    const found = await this.texts.folded(page.text.sha256).then((text) => findIn(text, words), () => [])
    return found[hit.number]?.boxes[0]?.[1] ?? 0
  }

  end(): void {
    this.query = ''
    void this.search()
  }

  /** By the server. False: it cannot be reached. */
  async #there(current: () => boolean): Promise<boolean> {
    let answer: FoundPages
    try {
      answer = await this.server(this.meetingId, this.query)
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || thrown.code !== 'offline') throw thrown
      if (current()) this.offline = true
      return false
    }
    if (!current()) return true
    this.hits = answer.pages.flatMap((page: FoundPage) => page.snippets.map(({ before, words, after }, number) => ({ paperId: page.paper_id, page: page.page, number, before, words, after })))
    this.more = answer.more
    return true
  }

  /** In the text layers; hits appear as they are found. */
  async #here(words: string, papers: readonly Searched[], current: () => boolean): Promise<void> {
    const hits: Hit[] = []
    this.hits = hits
    for (const { paper, leaves } of papers)
      for (const [index, page] of leaves.entries()) {
        if (!page.text) continue
        const found = await this.texts.folded(page.text.sha256, 3).then((text) => findIn(text, words), () => [])
        if (!current()) return
        if (!found.length) continue
        found.forEach(({ before, words, after }, number) => hits.push({ paperId: paper.id, page: index + 1, number, before, words, after }))
        this.#boxes.set(`${paper.id} ${index + 1}`, found.flatMap(({ boxes }) => boxes))
        this.hits = hits.slice(0, MOST)
        if (hits.length > MOST) {
          this.more = true
          return
        }
      }
  }
}

/** Throws Refusal `offline` when there is no answer. */
async function askServer(meetingId: number, query: string): Promise<FoundPages> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Refusal('offline')), PATIENCE_MS))
  return Promise.race([ask<FoundPages>('GET', `/api/meetings/${meetingId}/search?${new URLSearchParams({ q: query.slice(0, 80) })}`), late])
}
