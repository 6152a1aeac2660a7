import type { PageView, PaperView } from '../contract.gen'

/** A page in somebody's hand: mine, or the presenter's. */
export interface Held {
  paper_id: number
  page: number
}

/** In which order a tablet fetches page images: the one before the eyes, page 1 of every paper, what the presenter may turn to next, what
    I may, the papers of the item in hand, the rest as the agenda calls them. Each image once. */
export function fetchOrder(
  papers: readonly PaperView[],
  { reading, presenting, inHand }: { reading: Held | null; presenting: Held | null; inHand: readonly PaperView[] },
): PageView[] {
  return unique([
    ...near(papers, reading, 0),
    ...papers.flatMap((paper) => paper.pages.slice(0, 1)),
    ...near(papers, presenting, 2),
    ...near(papers, reading, 2),
    ...inHand.flatMap((paper) => paper.pages),
    ...papers.flatMap((paper) => paper.pages),
  ])
}

/** A held page and those up to `reach` pages away, nearest first, the one ahead before the one behind. */
export function near(papers: readonly PaperView[], held: Held | null, reach: number): PageView[] {
  const pages = papers.find((paper) => paper.id === held?.paper_id)?.pages ?? []
  const numbers = [held?.page ?? 0]
  for (let away = 1; away <= reach; away++) numbers.push(numbers[0]! + away, numbers[0]! - away)
  return unique(numbers.flatMap((number) => pages[number - 1] ?? []))
}

function unique(pages: PageView[]): PageView[] {
  return [...new Map(pages.map((page) => [page.sha256, page])).values()]
}
