/** What a tablet tells the secretary of its papers. */
import type { PaperView, ReceiptState, ReportReceipt } from '../contract.gen'

export type Report = Omit<ReportReceipt, 'meeting_id'>

/** At most one report in this time, whatever the number of papers. */
export const SPACING_MS = 1_000

/** How far a paper has come here. Null: there is nothing to receive. */
export function reportOf(paper: PaperView, has: { first: boolean; pages: number; opened: boolean }): Report | null {
  if (paper.state === 'refused') return null
  const { id: paper_id, version } = paper
  if (paper.state === 'withdrawn') return { paper_id, version, state: 'withdrawn', pages: 0 }
  return { paper_id, version, state: stateOf(paper, has), pages: has.pages }
}

function stateOf(paper: PaperView, { first, pages, opened }: { first: boolean; pages: number; opened: boolean }): ReceiptState {
  if (opened && pages) return 'opened'
  if (paper.state === 'ready' && pages === paper.page_count) return 'complete'
  return first ? 'first_page' : 'announced'
}

/** Spaces the reports. They are cumulative: of one paper only the newest counts, and a step is told before a mere page count. */
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
  return a.version === b.version && a.state === b.state && a.pages === b.pages
}
