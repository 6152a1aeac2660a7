/** Conference points as people look at them: who is in trouble, who asks, who speaks. */
import type { MemberView, PointView, Quality, RequestView } from '../contract.gen'
import { fold, matches } from '../people/names'
import type { Mark } from '../ui/LinkMark.svelte'

export interface PointRow {
  point: PointView
  /** Without what all have in common: "Xã Tân Lập" → "Tân Lập". */
  name: string
  mark: Mark
  /** Who at this point waits for the floor, the first of them. */
  hand: RequestView | undefined
}

export type Filter = 'all' | 'care' | 'hands' | 'mics'

/** Up to so many points have a picture each on the chair's screen. */
export const PICTURES = 24

const KINDS = /^(?:điểm cầu\s+)?(?:xã|phường|thị trấn|đặc khu)\s+/i

/** Names without the kind of unit, unless two points would then have the same. */
export function shortNames(names: readonly string[]): string[] {
  const short = names.map((name) => name.replace(KINDS, ''))
  const folded = short.map(fold)
  return short.map((name, n) => (folded.indexOf(folded[n]!) === folded.lastIndexOf(folded[n]!) ? name : names[n]!))
}

/** Within a sentence the kind of unit is a common noun: "Xã Tân Lập" → "xã Tân Lập". */
export function plainName(name: string): string {
  return name.replace(KINDS, (kind) => kind.replace(/^điểm cầu\s+/i, '').toLowerCase())
}

const STEPS: Partial<Record<Quality, Mark>> = { stills: 'stills', audio: 'audio', page: 'pages' }

/** One mark for a point's link and for what is left of its pictures. A picture that is smaller without a reason is no trouble: nobody
    needs more of it. */
export function markOf({ link, quality = 'high', reason = '' }: Pick<PointView, 'link' | 'quality' | 'reason'>): Exclude<Mark, 'live'> {
  if (link === 'absent' || link === 'lost') return link
  return (STEPS[quality] as Exclude<Mark, 'live'> | undefined) ?? (link === 'weak' || reason ? 'weak' : 'good')
}

/** The meeting's order. */
export function inOrder<P extends Pick<PointView, 'position' | 'id'>>(points: Iterable<P>): P[] {
  return [...points].sort((a, b) => a.position - b.position || a.id - b.id)
}

/** All points, those that need an eye first: on the air, asking, lost, weak, not yet in; then in the meeting's order. */
export function pointRows(points: Iterable<PointView>, requests: Iterable<RequestView>): PointRow[] {
  const ordered = inOrder(points)
  const asked = [...requests].sort((a, b) => a.position - b.position)
  const names = shortNames(ordered.map((point) => point.name))
  const live = asked.find((request) => request.state === 'speaking')?.point_id
  return ordered
    .map((point, n) => ({
      point,
      name: names[n]!,
      mark: point.id === live ? ('live' as const) : markOf(point),
      hand: asked.find((request) => request.state === 'waiting' && request.point_id === point.id),
    }))
    .sort((a, b) => urgency(a) - urgency(b))
}

const URGENCY: Partial<Record<Mark, number>> = { live: 0, lost: 2, pages: 3, audio: 4, stills: 5, weak: 6, absent: 7 }

function urgency({ mark, hand }: PointRow): number {
  const own = URGENCY[mark] ?? 8
  return hand ? Math.min(1, own) : own
}

/** `query`: part of its name, with or without marks. */
export function passes({ point, hand }: PointRow, filter: Filter, query = ''): boolean {
  if (query && !matches(point.name, query)) return false
  if (filter === 'care') return markOf(point) !== 'good'
  return filter === 'all' || (filter === 'hands' ? hand !== undefined : point.mic === 'on')
}

const MARKS = ['good', 'weak', 'stills', 'audio', 'pages', 'lost', 'absent'] as const

/** How many points have which mark, best first; marks that none has are left out. */
export function markCounts(rows: readonly PointRow[]): [mark: (typeof MARKS)[number], count: number][] {
  return MARKS.map((mark) => [mark, rows.filter((row) => markOf(row.point) === mark).length] as const).filter(([, n]) => n > 0) as [
    (typeof MARKS)[number],
    number,
  ][]
}

/** How many columns of 16 : 9 tiles fit so many into a place, as large as possible. Everything in px. */
export function pictureColumns(count: number, width: number, height: number, gap: number): number {
  for (let columns = 2; columns < count; columns++) {
    const tile = (((width - (columns - 1) * gap) / columns) * 9) / 16
    if (Math.ceil(count / columns) * (tile + gap) - gap <= height) return columns
  }
  return Math.max(2, count)
}

/** The member who sits behind a media connection: its name begins with meeting and person. */
export function memberOfPeer(peer: string, members: Iterable<MemberView>): MemberView | undefined {
  const person = Number(/^\d+-(\d+)-/.exec(peer)?.[1])
  return [...members].find((member) => member.person_id === person)
}

/** Who is given the floor when a point is: who asked first, else its operator, else whoever belongs to it. */
export function speakerAt(row: PointRow, members: Iterable<MemberView>): MemberView | undefined {
  const there = [...members].filter((member) => member.point_id === row.point.id)
  return (
    there.find((member) => member.id === row.hand?.member_id) ?? there.find((member) => member.role === 'operator') ?? there[0]
  )
}
