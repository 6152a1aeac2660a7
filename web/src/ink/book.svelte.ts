/** A person's ink in one meeting: what the pages show, what can be undone, what the server still has to hear. Everything is done here
    first and on this device's disk; the server hears of it when it can. Whoever writes a mark last, in the server's order, wins. */
import { SvelteMap } from 'svelte/reactivity'
import type { Ink, Mark, WriteInk } from '../contract.gen'
import { Refusal } from '../refusal'
import type { InkDisk, LocalMark } from './disk'

/** A step on one page: the marks as they were, and as they are (null: not there). */
interface Step {
  key: string
  before: LocalMark | null
  after: LocalMark | null
}

/** The server, as far as ink is concerned. */
export interface InkServer {
  write(order: Omit<WriteInk, 'meeting_id'>): Promise<{ revision: number }>
  since(revision: number): Promise<Ink>
}

/** Strokes drawn within this time go together. */
const GATHER_MS = 800
/** A command carries at most so many marks, and about so many letters of them. */
const MOST_MARKS = 64
const MOST_LETTERS = 40_000
const REST_MS = 3_000
const STEPS = 200

export type Stored = 'stored' | 'waiting' | 'refused'

export class Book {
  /** By the page's image, in the order they were made; erased ones are not there. */
  readonly #pages = new SvelteMap<string, readonly LocalMark[]>()
  readonly #marks = new Map<string, LocalMark>()
  readonly #done = new SvelteMap<string, readonly Step[][]>()
  readonly #undone = new SvelteMap<string, readonly Step[][]>()
  /** The server will not take them: they stay on this device. */
  readonly #refused = new Set<string>()
  /** Refused together with others: sent one by one, so that one bad mark holds up no good one. */
  readonly #alone = new Set<string>()
  #revision = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #flushing = false
  #pulling = false
  #wanted = 0
  #closed = false
  /** How many marks the server has not heard of. */
  waiting = $state(0)
  /** Everything that was on the disk is here. */
  ready = $state(false)

  constructor(
    private readonly server: InkServer,
    private readonly disk: Pick<InkDisk, 'load' | 'keep'>,
    /** Something could not be shared, or not be kept by the server. */
    private readonly onrefused: (refusal: Refusal) => void = () => undefined,
  ) {}

  async load(): Promise<void> {
    const { marks, revision } = await this.disk.load().catch(() => ({ marks: [], revision: 0 }))
    // What was drawn while the disk was read is newer.
    for (const mark of marks) if (!this.#marks.has(mark.key)) this.#put(mark)
    this.#revision = Math.max(this.#revision, revision)
    this.#count()
    this.ready = true
    if (this.#closed) return
    void this.#pull()
    void this.flush()
  }

  /** What is not yet with the server stays on the disk. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  // --- what there is

  on(image: string): readonly LocalMark[] {
    return this.#pages.get(image) ?? NONE
  }

  /** Every mark of the meeting; reactive. */
  get all(): LocalMark[] {
    return [...this.#pages.values()].flat()
  }

  find(key: string): LocalMark | undefined {
    const mark = this.#marks.get(key)
    return mark?.erased ? undefined : mark
  }

  stored(mark: LocalMark): Stored {
    if (!mark.dirty) return 'stored'
    return this.#refused.has(mark.key) ? 'refused' : 'waiting'
  }

  // --- what a hand does

  /** Keep these marks and erase those, as one step that can be undone on that page. */
  write(image: string, marks: readonly Mark[], erased: readonly string[] = []): void {
    const steps: Step[] = []
    for (const mark of marks) steps.push({ key: mark.key, before: this.find(mark.key) ?? null, after: this.#dirty(mark) })
    for (const key of erased) {
      const before = this.find(key)
      if (before) steps.push({ key, before, after: null })
    }
    if (!steps.length) return
    this.#done.set(image, [...(this.#done.get(image) ?? []), steps].slice(-STEPS))
    this.#undone.delete(image)
    this.#apply(steps.map(({ key, before, after }) => after ?? this.#dirty({ ...before!, key }, true)))
  }

  canUndo(image: string): boolean {
    return !!this.#done.get(image)?.length
  }

  canRedo(image: string): boolean {
    return !!this.#undone.get(image)?.length
  }

  undo(image: string): void {
    this.#step(image, this.#done, this.#undone, 'before')
  }

  redo(image: string): void {
    this.#step(image, this.#undone, this.#done, 'after')
  }

  #step(image: string, from: Map<string, readonly Step[][]>, to: Map<string, readonly Step[][]>, side: 'before' | 'after'): void {
    const steps = from.get(image)?.at(-1)
    if (!steps) return
    from.set(image, from.get(image)!.slice(0, -1))
    to.set(image, [...(to.get(image) ?? []), steps])
    this.#apply(steps.map((step) => (step[side] ? this.#dirty(step[side]) : this.#dirty((this.#marks.get(step.key) ?? step.before ?? step.after)!, true))))
  }

  #dirty(mark: Mark, erased = false): LocalMark {
    const at = this.#marks.get(mark.key)?.at ?? Date.now()
    return { ...plain(mark), ...(erased && { points: '', text: '', shared: false }), erased, dirty: true, at }
  }

  #apply(marks: LocalMark[]): void {
    for (const mark of marks) this.#put(mark)
    this.#count()
    void this.disk.keep(marks).catch(() => undefined)
    this.#soon(GATHER_MS)
  }

  #put(mark: LocalMark): void {
    const before = this.#marks.get(mark.key)
    this.#marks.set(mark.key, mark)
    if (before && before.image !== mark.image) this.#pages.set(before.image, this.on(before.image).filter(({ key }) => key !== mark.key))
    const page = this.on(mark.image)
    const at = page.findIndex(({ key }) => key === mark.key)
    if (mark.erased) {
      if (at >= 0) this.#pages.set(mark.image, page.filter((_, n) => n !== at))
    } else this.#pages.set(mark.image, at < 0 ? [...page, mark] : page.map((one, n) => (n === at ? mark : one)))
    this.#refused.delete(mark.key)
  }

  #count(): void {
    let waiting = 0
    for (const { dirty, key } of this.#marks.values()) if (dirty && !this.#refused.has(key)) waiting++
    this.waiting = waiting
  }

  // --- to the server

  #soon(ms: number): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.flush(), ms)
  }

  /** Tell the server what it does not know; until it does, or cannot be reached. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#flushing || this.#closed || !this.ready) return
    this.#flushing = true
    try {
      for (let some = this.#some(); some.length && !this.#closed; some = this.#some()) {
        try {
          await this.#send(some)
        } catch (thrown) {
          if (!(thrown instanceof Refusal)) throw thrown
          if (PASSING.has(thrown.code)) {
            this.#soon(REST_MS)
            return
          }
          if (some.length > 1) for (const { key } of some) this.#alone.add(key)
          else this.#refuse(some[0]!, thrown)
        }
      }
    } finally {
      this.#flushing = false
      void this.#pull()
    }
  }

  async #send(some: LocalMark[]): Promise<void> {
    const order = { marks: some.filter(({ erased }) => !erased).map(plain), erased: some.filter(({ erased }) => erased).map(({ key }) => key) }
    const { revision } = await this.server.write(order)
    // Another tablet of the same person may have written in between; then all that is new is fetched.
    if (revision === this.#revision + some.length) this.#revision = revision
    const settled: LocalMark[] = []
    for (const sent of some) {
      if (this.#marks.get(sent.key) !== sent) continue
      const mark = { ...sent, dirty: false }
      if (mark.erased) this.#marks.delete(mark.key)
      else this.#put(mark)
      this.#alone.delete(mark.key)
      settled.push(mark)
    }
    this.#count()
    await this.disk.keep(settled, this.#revision).catch(() => undefined)
  }

  /** What to send next: of one paper, so that one that may no longer be read holds up nobody else's; shared ones alone. */
  #some(): LocalMark[] {
    const open = [...this.#marks.values()].filter(({ dirty, key }) => dirty && !this.#refused.has(key))
    const first = open[0]
    if (!first) return []
    if (first.shared || this.#alone.has(first.key)) return [first]
    const some: LocalMark[] = []
    let letters = 0
    for (const mark of open) {
      letters += mark.points.length + mark.text.length * 3 + 300
      if (some.length === MOST_MARKS || (some.length && letters > MOST_LETTERS)) break
      if (mark.paper_id === first.paper_id && !mark.shared && !this.#alone.has(mark.key)) some.push(mark)
    }
    return some
  }

  /** What cannot be shared (any more) stays one's own; what the server takes in no form stays on this device. */
  #refuse(mark: LocalMark, refusal: Refusal): void {
    if (mark.shared && refusal.code === 'wrong_state') this.#apply([this.#dirty({ ...mark, shared: false })])
    else this.#refused.add(mark.key)
    this.#count()
    this.onrefused(refusal)
  }

  // --- from the server

  /** The server has ink of this person up to `revision`; what is new of it is fetched. */
  heard(revision: number): void {
    this.#wanted = Math.max(this.#wanted, revision)
    if (this.ready && this.#wanted > this.#revision) void this.#pull()
  }

  /** The network is back. */
  wake(): void {
    void this.#pull()
    void this.flush()
  }

  async #pull(): Promise<void> {
    if (this.#pulling || this.#flushing || this.#closed) return
    this.#pulling = true
    try {
      while (this.#wanted > this.#revision && !this.#closed) {
        const ink = await this.server.since(this.#revision)
        const taken: LocalMark[] = []
        for (const { at, revision: _, ...mark } of ink.marks) {
          if (this.#marks.get(mark.key)?.dirty) continue
          taken.push({ ...plain(mark), erased: mark.erased, dirty: false, at: Date.parse(at) })
        }
        for (const mark of taken) {
          this.#put(mark)
          if (mark.erased) this.#marks.delete(mark.key)
        }
        if (ink.revision <= this.#revision) break
        this.#revision = ink.revision
        await this.disk.keep(taken, ink.revision).catch(() => undefined)
      }
    } catch {
      // Not reached, or no longer allowed: what is here stays, and is asked for again when the network is back.
    } finally {
      this.#pulling = false
    }
  }
}

const NONE: readonly LocalMark[] = []
/** Nothing is wrong with what was sent. */
const PASSING = new Set(['offline', 'login', 'rate_limited', 'internal', 'disk_full'])

function plain({ key, kind, paper_id, image, page, colour, width, points, x, y, text, shared }: Mark): Mark {
  return { key, kind, paper_id, image, page, colour, width, points, x, y, text, shared }
}
