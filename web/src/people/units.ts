/** The tree of units and its history. Names, parents and levels are dated: what was, what is, what will be. Days are "2026-12-08". */
import type { UnitVersion, UnitView } from '../contract.gen'
import { begun, wordsOf } from './names'

export type Units = ReadonlyMap<number, UnitView>

export interface Branch {
  unit: UnitView
  depth: number
}

const LEVELS = { province: 0, commune: 1, body: 2 }
const order = new Intl.Collator('vi', { numeric: true })
const compare = (a: UnitView, b: UnitView) => LEVELS[a.level] - LEVELS[b.level] || order.compare(a.name, b.name) || a.id - b.id

/** Each after its parent, in the order they are shown. A unit whose parent is not among them stands at the top. */
export function tree(units: Iterable<UnitView>): Branch[] {
  const all = new Map([...units].map((unit) => [unit.id, unit]))
  const children = new Map<number, UnitView[]>()
  for (const unit of all.values()) {
    const parent = unit.parent_id !== null && all.has(unit.parent_id) ? unit.parent_id : 0
    children.set(parent, [...(children.get(parent) ?? []), unit])
  }
  const grow = (parent: number, depth: number): Branch[] =>
    (children.get(parent) ?? []).sort(compare).flatMap((unit) => [{ unit, depth }, ...grow(unit.id, depth + 1)])
  return grow(0, 0)
}

/** Whether it exists today, not yet, or no more. */
export function standing(unit: UnitView, today: string): 'current' | 'coming' | 'closed' {
  if (unit.active) return 'current'
  return unit.versions[0]!.valid_from > today ? 'coming' : 'closed'
}

/** The part of the tree that is asked for, with the units above each one found. A former name finds its unit too. */
export function pruned(units: Units, { query, closed, today }: { query: string; closed: boolean; today: string }): Branch[] {
  const asked = wordsOf(query.trim())
  const kept = new Set<UnitView>()
  for (const unit of units.values()) {
    if (!closed && standing(unit, today) === 'closed') continue
    if (!unit.versions.some((version) => begun(wordsOf(version.name), asked))) continue
    for (let one: UnitView | undefined = unit; one && !kept.has(one); one = units.get(one.parent_id ?? 0)) kept.add(one)
  }
  return tree(kept)
}

/** This unit and all below it. */
export function within(units: Units, id: number): Set<number> {
  const found = new Set([id])
  for (let size = 0; size !== found.size; ) {
    size = found.size
    for (const unit of units.values()) if (unit.parent_id !== null && found.has(unit.parent_id)) found.add(unit.id)
  }
  return found
}

/** Its name, with the commune it belongs to: every commune has an office of the same name. */
export function unitLabel(units: Units, id: number | null): string {
  const unit = units.get(id ?? 0)
  if (!unit) return ''
  const parent = units.get(unit.parent_id ?? 0)
  return parent?.level === 'commune' ? `${unit.name}, ${parent.name}` : unit.name
}

/** Names it had before and does not have now, the newest first. */
export function formerNames(unit: UnitView, today: string): UnitVersion[] {
  const past = unit.versions.filter((version) => version.valid_to !== null && version.valid_to <= today)
  return past.filter((version, at) => version.name !== (past[at + 1]?.name ?? unit.name)).reverse()
}

/** Changes that are decided and not yet in force. */
export function comingChanges(unit: UnitView, today: string): UnitVersion[] {
  return unit.versions.filter((version) => version.valid_from > today)
}
