/** What a tablet tells the secretary of its papers. */
import type { PaperView, ReceiptState, ReportReceipt } from '../contract.gen'

export type Report = Omit<ReportReceipt, 'meeting_id' | 'device'>

/** At most one report in this time, whatever the number of papers. */
export const SPACING_MS = 1_000

/** How far a paper has come here: which pages are `held`, by number. Null: there is nothing to receive. */
export function reportOf(paper: PaperView, { held, opened }: { held: readonly number[]; opened: boolean }): Report | null {
  if (paper.state === 'refused' || paper.state === 'on_paper') return null
  const { id: paper_id, version } = paper
  if (paper.state === 'withdrawn') return { paper_id, version, state: 'withdrawn', held: '' }
  return { paper_id, version, state: stateOf(paper, held, opened), held: spelled(held) }
}

function stateOf(paper: PaperView, held: readonly number[], opened: boolean): ReceiptState {
  if (opened && held.length) return 'opened'
  if (paper.state === 'ready' && held.length === paper.page_count) return 'complete'
  return held.includes(1) ? 'first_page' : 'announced'
}

/** Pages as bits in hexadecimal, page 1 the lowest bit of the first byte. */
export function spelled(pages: readonly number[]): string {
  const bytes = new Uint8Array(Math.ceil(Math.max(0, ...pages) / 8))
  for (const page of pages) bytes[(page - 1) >> 3]! |= 1 << ((page - 1) & 7)
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Spaces the reports. They are cumulative: of one paper only the newest counts, and a step is told before mere pages. */
export class Reporter {
  readonly #told = new Map<number, Report>()
  readonly #due = new Map<number, Report>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly send: (report: Report) => void) {}

  tell(report: Report): void {
    const last = this.#told.get(report.paper_id)
    if (last && same(last, report)) this.#due.delete(report.paper_id)
    else this.#due.set(report.paper_id, report)
    if (!this.#timer) this.#next()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#due.clear()
  }

  #next(): void {
    this.#timer = undefined
    const due = [...this.#due.values()]
    const report = due.find((one) => this.#told.get(one.paper_id)?.state !== one.state) ?? due[0]
    if (!report) return
    this.#due.delete(report.paper_id)
    this.#told.set(report.paper_id, report)
    this.#timer = setTimeout(() => this.#next(), SPACING_MS)
    this.send(report)
  }
}

function same(a: Report, b: Report): boolean {
  return a.version === b.version && a.state === b.state && a.held === b.held
}
