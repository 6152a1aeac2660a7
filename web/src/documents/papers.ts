/** Papers as people look for them: by the agenda. */
import type { Row } from '../agenda/tree'
import type { PaperView } from '../contract.gen'

/** The papers of these items, in the order in which the agenda calls them. Withdrawn ones keep their place. */
export function papersOf(rows: readonly Pick<Row, 'item'>[], papers: Iterable<PaperView>): PaperView[] {
  const place = new Map(rows.map(({ item }, index) => [item.id, index]))
  return [...papers]
    .filter((paper) => place.has(paper.item_id))
    .sort((a, b) => place.get(a.item_id)! - place.get(b.item_id)! || a.position - b.position || a.id - b.id)
}
