import type { PageView, PaperView } from '../contract.gen'
import type { Priority } from './storage'

/** A page in somebody's hand: mine, or the presenter's. */
export interface Held {
  paper_id: number
  page: number
  /** Of the paper; without: the newest that can be shown. */
  version?: number
}

/** A blob a tablet should hold. */
export interface Wanted {
  sha256: string
  priority: Priority
  /** Else a page's image. Words are only laid on the disk, for searching and large type without a network. */
  is?: 'manifest' | 'words'
}

/** The pages of a paper's version, as far as they are known here. */
export type PagesOf = (paper: PaperView, version?: number) => readonly PageView[]

/** The version people look at: the newest, or the one before while the newest has no page yet. 0: there is nothing to look at. */
export function shownVersion(paper: PaperView | undefined): number {
  if (!paper || paper.state === 'withdrawn') return 0
  return paper.first ? paper.version : (paper.previous[0]?.number ?? 0)
}

/** The version for eyes that are on `reading`: that one while it can be read, else what everybody looks at. */
export function versionAt(paper: PaperView, reading: number | null): number {
  const shown = shownVersion(paper)
  const there = reading === paper.version ? !!paper.first : paper.previous.some(({ number }) => number === reading)
  return shown && reading !== null && there ? reading : shown
}

/** How many pages that version has. */
export function pageCount(paper: PaperView, version = shownVersion(paper)): number {
  return version === paper.version ? paper.page_count : (paper.previous.find(({ number }) => number === version)?.page_count ?? 0)
}

/** How many pages of it are made, from page 1 on. */
export function pagesMade(paper: PaperView): number {
  const version = shownVersion(paper)
  return version === paper.version ? paper.ready : pageCount(paper, version)
}

/** In which order a tablet fetches: the page before the eyes, page 1 of every paper, what the presenter may turn to next, what I may,
    the papers of the item in hand, the rest as the agenda calls them, of each its words after its images. A manifest comes before the
    pages it lists: of what is in somebody's hand at once, of the others when all their pages are made. Each blob once. */
export function fetchOrder(
  papers: readonly PaperView[],
  { reading, presenting, inHand }: { reading: Held | null; presenting: Held | null; inHand: readonly PaperView[] },
  pagesOf: PagesOf,
): Wanted[] {
  const held = [reading, presenting].flatMap((one) => {
    const paper = papers.find(({ id }) => id === one?.paper_id)
    return paper ? manifests(paper, one!.version) : []
  })
  const whole = (paper: PaperView) => {
    const pages = pagesOf(paper, shownVersion(paper))
    return [...(paper.state === 'ready' || !paper.first ? manifests(paper) : []), ...images(pages), ...words(pages)]
  }
  return unique([
    ...at(0, images(near(papers, reading, 0, pagesOf))),
    ...at(1, papers.flatMap((paper) => (paper.first ? [{ sha256: paper.first.sha256 }] : []))),
    ...at(2, [...held, ...images(near(papers, presenting, 2, pagesOf)), ...images(near(papers, reading, 2, pagesOf))]),
    ...at(3, inHand.flatMap(whole)),
    ...at(4, papers.flatMap(whole)),
  ]) // prettier-ignore
}

/** A held page and those up to `reach` pages away, nearest first, the one ahead before the one behind. */
export function near(papers: readonly PaperView[], held: Held | null, reach: number, pagesOf: PagesOf): PageView[] {
  const paper = papers.find(({ id }) => id === held?.paper_id)
  const pages = paper ? pagesOf(paper, held?.version ?? shownVersion(paper)) : []
  const numbers = [held?.page ?? 0]
  for (let away = 1; away <= reach; away++) numbers.push(numbers[0]! + away, numbers[0]! - away)
  return [...new Set(numbers.flatMap((number) => pages[number - 1] ?? []))]
}

function manifests(paper: PaperView, version = shownVersion(paper)): Omit<Wanted, 'priority'>[] {
  const sha256 = version === paper.version ? paper.manifest : paper.previous.find(({ number }) => number === version)?.manifest
  return sha256 ? [{ sha256, is: 'manifest' }] : []
}

const images = (pages: readonly PageView[]) => pages.map(({ image }) => ({ sha256: image.sha256 }))
const words = (pages: readonly PageView[]) => pages.flatMap(({ text }) => (text ? [{ sha256: text.sha256, is: 'words' as const }] : []))

function at(priority: Priority, blobs: readonly Omit<Wanted, 'priority'>[]): Wanted[] {
  return blobs.map((blob) => ({ ...blob, priority }))
}

function unique(wanted: readonly Wanted[]): Wanted[] {
  const first = new Map<string, Wanted>()
  for (const one of wanted) if (!first.has(one.sha256)) first.set(one.sha256, one)
  return [...first.values()]
}
