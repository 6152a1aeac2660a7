/** Ink on a tablet in one meeting: the book with one's own marks, what others share, the tools, and the note that is open. */
import { untrack } from 'svelte'
import type { Ink as InkPiece } from '../contract.gen'
import { ask } from '../http'
import { link } from '../link'
import { session } from '../session.svelte'
import { sitting } from '../state.svelte'
import { trouble } from '../ui/toast.svelte'
import { sentence } from '../words/refusals'
import { Book, type Stored } from './book.svelte'
import { InkDisk } from './disk'
import { byPlace, type Note, notesOf } from './notes'
import { blank } from './stylus'
import { Tools } from './tools.svelte'

/** A place on a page of a paper. */
export interface Spot {
  image: string
  page: number
  paperId: number
}

/** A note being written: new at a place, or one that is there. */
export type Writing = { spot: Spot; x: number; y: number; note: Note | null }

export class Ink {
  readonly tools = new Tools()
  readonly book: Book
  writing = $state.raw<Writing | null>(null)
  readonly #notes = $derived.by(() => notesOf(this.book.all, sitting.marks.values(), sitting.members, sitting.member))

  /** For as long as the component lives that makes it. */
  constructor(private readonly meetingId: number) {
    const server = {
      write: (order: object) => link.send('ink.write', { meeting_id: meetingId, ...order } as never),
      since: (revision: number) => ask<InkPiece>('GET', `/api/meetings/${meetingId}/ink?since=${revision}`),
    }
    this.book = new Book(server, new InkDisk(session.person?.id ?? 0, meetingId), (refusal) => trouble(sentence(refusal)))
    void this.book.load()
    const wake = () => document.visibilityState === 'hidden' && void this.book.flush()
    document.addEventListener('visibilitychange', wake)
    $effect(() => {
      const revision = sitting.inks.get(sitting.me?.member_id ?? 0)?.revision ?? 0
      untrack(() => this.book.heard(revision))
    })
    $effect(() => {
      if (link.state === 'good') untrack(() => this.book.wake())
    })
    $effect(() => () => {
      document.removeEventListener('visibilitychange', wake)
      void this.book.flush()
      this.book.close()
    })
  }

  /** Every note of the meeting that these eyes may see. */
  get notes(): readonly Note[] {
    return this.#notes
  }

  notesOn(paperId: number, image: string): Note[] {
    return byPlace(this.#notes.filter((note) => note.paperId === paperId && note.image === image))
  }

  /** One's own marks, and others' notes, on pages of a paper that are not among these: an older version had them. */
  left(paperId: number, images: ReadonlySet<string>): { image: string; page: number }[] {
    const strokes = this.book.all.filter((mark) => mark.kind !== 'note' && mark.paper_id === paperId)
    return [...strokes, ...this.#notes.filter((note) => note.paperId === paperId)].filter(({ image }) => !images.has(image))
  }

  /** A new note here. */
  begin(spot: Spot, x = 9_400, y = 1_200): void {
    this.writing = { spot, x: Math.min(10_000, Math.max(0, x)), y: Math.min(10_000, Math.max(0, y)), note: null }
  }

  open(note: Note): void {
    this.writing = { spot: { image: note.image, page: note.page, paperId: note.paperId }, x: note.x, y: note.y, note }
  }

  /** The note in hand says this now. */
  save({ spot, x, y, note }: Writing, text: string, shared: boolean): void {
    const before = note ? this.book.find(note.id) : undefined
    const mark = { ...(before ?? blank(spot)), kind: 'note' as const, x, y, text, shared }
    this.book.write(spot.image, [mark])
    this.tools.take('none')
  }

  /** Whether the server has a note of one's own. */
  storedOf(note: Note): Stored {
    const mark = this.book.find(note.id)
    return mark ? this.book.stored(mark) : 'stored'
  }

  remove(note: Note): void {
    this.book.write(note.image, [], [note.id])
  }

  /** Bút phê. Kept until the server has it, over any loss of network. */
  async instruct({ spot, x, y }: Writing, text: string): Promise<void> {
    this.tools.take('none')
    const order = { meeting_id: this.meetingId, paper_id: spot.paperId, image: spot.image, page: spot.page, x, y, text }
    await link.send('instruction.give', order, { keep: true })
  }

  async withdraw(note: Note): Promise<void> {
    await link.send('instruction.withdraw', { meeting_id: this.meetingId, mark_id: note.number! })
  }
}
