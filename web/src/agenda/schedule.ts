/** Planned against actual time: how long an item should take, and when the sitting will end if the rest goes as planned. */
import type { ItemView, MeetingView } from '../contract.gen'
import { branch, type Row } from './tree'

type Item = Pick<ItemView, 'id' | 'parent_id' | 'position' | 'kind' | 'minutes' | 'planned_after' | 'state' | 'started_at' | 'ended_at'>
type Times = Pick<MeetingView, 'state' | 'starts_at'>

const MINUTE = 60_000

/** An item that takes time by itself: a parent takes as long as its children together. */
function leaves<I extends Item>(rows: readonly Row<I>[]): I[] {
  return rows.filter((row) => row.height === 1 || !branch(rows, row.item.id).some((one) => one !== row && one.item.minutes)).map((row) => row.item)
}

/** Planned minutes of an item with everything under it. */
export function minutesOf<I extends Item>(rows: readonly Row<I>[], id: number): number {
  return leaves(branch(rows, id)).reduce((sum, item) => sum + item.minutes, 0)
}

/** When an item is planned to begin, in milliseconds since 1970. */
export function plannedAt(meeting: Times, item: Pick<Item, 'planned_after'>): number {
  return Date.parse(meeting.starts_at) + item.planned_after * MINUTE
}

export interface Forecast {
  /** When the sitting is expected to end, in milliseconds since 1970. */
  close: number
  /** Whole minutes behind the plan; negative: ahead of it. */
  late: number
}

/** What has begun takes at least its planned time; what comes after it takes as long as planned. Null when there is no agenda or
    the sitting is over. */
export function forecast<I extends Item>(meeting: Times, rows: readonly Row<I>[], now: number): Forecast | null {
  const all = leaves(rows)
  if (!all.length || meeting.state === 'closed') return null
  const plan = Date.parse(meeting.starts_at) + sum(all)
  if (meeting.state === 'draft') return { close: plan, late: 0 }
  const at = rows.findIndex((row) => row.item.state === 'current')
  const current = rows[at]?.item
  const rest = rows.slice(at + 1).flatMap(({ item }) => (item.state === 'pending' && all.includes(item) ? [item] : []))
  const runs = current && all.includes(current) ? now - Date.parse(current.started_at ?? '') : 0
  const left = current && all.includes(current) ? Math.max(0, current.minutes * MINUTE - runs) : 0
  const close = now + left + sum(rest)
  return { close, late: Math.round((close - plan) / MINUTE) }
}

function sum(items: readonly Item[]): number {
  return items.reduce((total, item) => total + item.minutes * MINUTE, 0)
}
