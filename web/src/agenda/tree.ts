/** The agenda as a tree: its reading order, and what a key or a drag would move where. Mirrors meetroom/agenda/rules.py. */
import type { ItemKind, ItemView } from '../contract.gen'

/** 4 · 4.1 · 4.1.2: deeper is not how agendas are printed. */
export const DEPTH = 3

/** What of an item the order of a tree needs. */
export type Node = Pick<ItemView, 'id' | 'parent_id' | 'position'> & { kind: ItemKind }

export interface Row<I extends Node = ItemView> {
  item: I
  /** 0 at the top level. */
  depth: number
  /** The place among the children of its parent. */
  index: number
  siblings: number
  /** Levels from here down: 1 without sub-items. */
  height: number
}

export interface Place {
  parent_id: number | null
  index: number
}

/** All items in reading order. */
export function rowsOf<I extends Node>(items: Iterable<I>): Row<I>[] {
  const below = new Map<number | null, I[]>()
  for (const item of items) below.set(item.parent_id, [...(below.get(item.parent_id) ?? []), item])
  for (const children of below.values()) children.sort((a, b) => a.position - b.position || a.id - b.id)

  function walk(parent: number | null, depth: number): Row<I>[] {
    const children = below.get(parent) ?? []
    return children.flatMap((item, index) => {
      const inside = walk(item.id, depth + 1)
      const height = Math.max(0, ...inside.map((row) => row.depth - depth)) + 1
      return [{ item, depth, index, siblings: children.length, height }, ...inside]
    })
  }
  return walk(null, 0)
}

/** An item and everything under it; rows in reading order. */
export function branch<I extends Node>(rows: readonly Row<I>[], id: number): Row<I>[] {
  const from = rows.findIndex((row) => row.item.id === id)
  if (from < 0) return []
  const depth = rows[from]!.depth
  const end = rows.findIndex((row, at) => at > from && row.depth <= depth)
  return rows.slice(from, end < 0 ? undefined : end)
}

/** An item and those it is in, the innermost first. */
export function path<I extends Node>(rows: readonly Row<I>[], id: number | null): I[] {
  const item = rows.find((row) => row.item.id === id)?.item
  return item ? [item, ...path(rows, item.parent_id)] : []
}

export type Step = 'up' | 'down' | 'in' | 'out'

/** Where one step of the keyboard puts an item, or null where it cannot go. */
export function step<I extends Node>(rows: readonly Row<I>[], id: number, way: Step): Place | null {
  const row = rows.find((one) => one.item.id === id)
  if (!row) return null
  const { parent_id } = row.item
  if (way === 'up') return row.index > 0 ? { parent_id, index: row.index - 1 } : null
  if (way === 'down') return row.index < row.siblings - 1 ? { parent_id, index: row.index + 1 } : null
  if (way === 'in') {
    const above = rows.find((one) => one.item.parent_id === parent_id && one.index === row.index - 1)
    if (!above || above.item.kind === 'break' || row.depth + 1 + row.height > DEPTH) return null
    return { parent_id: above.item.id, index: rows.filter((one) => one.item.parent_id === above.item.id).length }
  }
  const parent = rows.find((one) => one.item.id === parent_id)
  return parent ? { parent_id: parent.item.parent_id, index: parent.index + 1 } : null
}

/** Where an item dropped above the row `gap` comes to lie, as near to the wanted depth as the rows around it allow. `gap` counts the
    rows without those that are dragged. Null: nowhere. */
export function drop<I extends Node>(rows: readonly Row<I>[], id: number, gap: number, depth: number): (Place & { depth: number }) | null {
  const dragged = branch(rows, id)
  const rest = rows.filter((row) => !dragged.includes(row))
  const above = rest[gap - 1]
  const least = rest[gap]?.depth ?? 0
  const most = Math.min(above ? above.depth + (above.item.kind === 'break' ? 0 : 1) : 0, DEPTH - (dragged[0]?.height ?? DEPTH))
  if (least > most) return null
  const at = Math.min(most, Math.max(least, depth))
  const before = rest.slice(0, gap)
  const parent = at === 0 ? null : before.filter((row) => row.depth === at - 1).at(-1)!.item.id
  return { parent_id: parent, index: before.filter((row) => row.item.parent_id === parent).length, depth: at }
}
