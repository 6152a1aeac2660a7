import { path, rowsOf } from '../agenda/tree'
import type { ItemView } from '../contract.gen'
import { sitting } from '../state.svelte'
import { t } from '../words/words.svelte'

/** An item as the wall announces it: a sub-item stands in the line above, what it belongs to in the title. */
export function headline(item: ItemView | undefined): { line: string; title: string } {
  const top = item && path(rowsOf(sitting.items.values()), item.id).at(-1)
  const title = top?.title ?? sitting.meeting?.title ?? ''
  if (!item?.number) return { line: '', title }
  if (top && top.id !== item.id) return { line: t('wall.item_below', { number: item.number, title: item.title }), title }
  return { line: item.kind === 'break' ? '' : t(`wall.item_${item.kind}`, { number: item.number }), title }
}
