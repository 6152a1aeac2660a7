/** A tablet's papers in one meeting: fetched, read, followed, and told to the secretary. */
import { untrack } from 'svelte'
import { current } from '../agenda/current'
import { branch, path, rowsOf } from '../agenda/tree'
import type { PaperView } from '../contract.gen'
import { hand } from '../display/pointing.svelte'
import { link } from '../link'
import { Shelf } from '../shelf'
import { sitting } from '../state.svelte'
import { news, trouble } from '../ui/toast.svelte'
import { t } from '../words/words.svelte'
import { deviceId } from './device'
import { fetchOrder, pageCount, shownVersion, versionAt } from './order'
import { Pages } from './pages.svelte'
import { papersOf } from './papers'
import { Reading } from './reading.svelte'
import { Reporter, reportOf } from './reporting'
import { storage } from './storage'

/** A turn of the page takes 200 ms; what it changes in the order of fetching can wait that long. */
const TURNED_MS = 300

export class Desk {
  readonly pages = new Pages()
  readonly reading: Reading
  readonly #rows = $derived(rowsOf(sitting.items.values()))
  /** All papers as the agenda calls them. */
  readonly papers = $derived(papersOf(this.#rows, sitting.papers.values()))
  /** The paper before the eyes. */
  readonly paper = $derived(this.papers.find((paper) => paper.id === this.reading.paperId))
  /** Which of its versions, and that version's pages as far as they are known here. */
  readonly version = $derived.by(() => (this.paper ? versionAt(this.paper, this.reading.version) : 0))
  /** A newer one than that; 0: there is none. */
  readonly newer = $derived(this.paper && this.version && shownVersion(this.paper) > this.version ? shownVersion(this.paper) : 0)
  readonly leaves = $derived(this.paper ? this.pages.of(this.paper, this.version) : [])
  readonly pageCount = $derived(this.paper ? pageCount(this.paper, this.version) : 0)
  /** This tablet turns the pages for all. */
  readonly leading = $derived(sitting.me?.member_id != null && sitting.display?.presenting?.member_id === sitting.me.member_id)
  /** The page at hand; moving within it asks for no other images. */
  readonly #page = $derived.by(() => this.reading.place.page)
  /** First pages by paper, as words: they are noted when one of them changes, not whenever a paper does. */
  readonly #firsts = $derived(this.papers.flatMap(({ id, first }) => (first ? [`${id} ${first.sha256}`] : [])).join('\n'))
  /** The page around which is fetched. */
  #around = $state(1)
  readonly #reporter: Reporter
  #atHand = 0
  readonly #known = new Map<number, Pick<PaperView, 'version' | 'state'>>()

  /** For as long as the component lives that makes it. */
  constructor(meetingId: number) {
    this.reading = new Reading(new Shelf('reading', meetingId))
    void navigator.storage?.persist?.().catch(() => false)
    storage.onfull = () => trouble(t('storage.is_full'))
    this.#reporter = new Reporter((report) => {
      const sent = link.send('receipt.report', { meeting_id: meetingId, device: deviceId(), ...report }, { keep: true, key: `receipt ${report.paper_id}` })
      // Not the reader's concern: withdrawn or replaced meanwhile, or the meeting is over.
      sent.catch(() => undefined)
    })
    $effect(() => {
      const presenting = this.leading ? null : hand.presenting
      untrack(() => {
        this.reading.present(presenting)
        // Whoever turns the pages for all has the newest version; they turn with them.
        const paper = sitting.papers.get(presenting?.paper_id ?? 0)
        if (paper && this.reading.led) this.reading.take(paper.id, shownVersion(paper))
      })
    })
    this.pages.onlisted = ({ paper_id, version }, hashes) => void storage.note({ meeting: meetingId, paper: paper_id, version, hashes })
    $effect(() => {
      // What may no longer be read leaves this tablet, also when it was taken back while the tablet was off.
      if (!sitting.fresh) return
      const stay = new Set([...sitting.papers.values()].filter(({ state }) => state !== 'withdrawn').map(({ id }) => id))
      void storage.keepOnly(meetingId, stay)
    })
    $effect(() => {
      if (!this.#firsts) return
      for (const [id, sha256] of this.#firsts.split('\n').map((line) => line.split(' '))) void storage.note({ meeting: meetingId, paper: Number(id), version: 0, hashes: [sha256!] })
    })
    $effect(() => {
      const { paper, version } = this
      // A paper that is taken up is read in its newest version, and stays in that one while it is before the eyes.
      const newest = paper && paper.id !== this.#atHand ? shownVersion(paper) : version
      if (!paper || !newest) return
      this.#atHand = paper.id
      untrack(() => this.reading.take(paper.id, newest))
    })
    $effect(() => {
      const page = this.#page
      // One that is here already is drawn first.
      const later = setTimeout(() => (this.#around = page), this.pages.url(this.leaves[page - 1]?.image) ? TURNED_MS : 0)
      return () => clearTimeout(later)
    })
    $effect(() => this.#begin())
    $effect(() => this.#fetch())
    $effect(() => this.#report())
    $effect(() => this.#tell())
    $effect(() => {
      if (link.state === 'good') this.pages.wake()
    })
    $effect(() => () => {
      this.pages.close()
      this.#reporter.close()
    })
  }

  /** Go on with the newest version, on the same page where it has one. */
  update(): void {
    if (this.paper && this.newer) this.show(this.newer)
  }

  /** Look at this version, on the same page where it has one. */
  show(version: number): void {
    if (!this.paper) return
    const { page } = this.reading.place
    this.reading.take(this.paper.id, version)
    if (page > this.pageCount) this.reading.jump(this.paper.id, this.pageCount)
  }

  /** The papers of the item in hand, its own first, then those of what it stands under. */
  get inHand(): PaperView[] {
    const item = current(sitting.items)
    return item ? path(this.#rows, item.id).flatMap((one) => papersOf(branch(this.#rows, one.id), sitting.papers.values())) : []
  }

  /** Nothing taken up yet: the first paper of the item in hand, or of the meeting. */
  #begin(): void {
    const first = [...this.inHand, ...this.papers].find((paper) => shownVersion(paper))
    if (!this.paper && first) untrack(() => this.reading.open(first.id))
  }

  #fetch(): void {
    const { paperId } = this.reading
    const reading = paperId === null ? null : { paper_id: paperId, page: this.#around, version: this.version }
    const of = { reading, presenting: sitting.display?.presenting ?? null, inHand: this.inHand }
    const order = fetchOrder(this.papers, of, (paper, version) => this.pages.of(paper, version))
    untrack(() => this.pages.want(order))
  }

  #report(): void {
    if (!sitting.member || !sitting.may('take_part') || sitting.meeting?.state === 'closed') return
    for (const paper of this.papers) {
      const has = { held: this.pages.heldPages(paper), opened: this.reading.opened.has(paper.id) }
      const report = reportOf(paper, has)
      if (report) this.#reporter.tell(report)
    }
  }

  /** News of papers, in one sentence. What was here when the screen came is no news. */
  #tell(): void {
    const first = !this.#known.size
    for (const paper of this.papers) {
      const before = this.#known.get(paper.id)
      this.#known.set(paper.id, { version: paper.version, state: paper.state })
      if (first || paper.state === 'refused') continue
      const read = { label: t('reader.show'), run: () => this.reading.open(paper.id) }
      if (!before) news(t('reader.new_paper'), paper.title, read)
      else if (before.version < paper.version && paper.id !== this.reading.paperId) news(t('reader.new_version', { title: paper.title, n: paper.version }), t('reader.new_version_next'), read)
      else if (before.state !== 'withdrawn' && paper.state === 'withdrawn') news(t('reader.taken_back'), paper.title)
    }
  }
}
