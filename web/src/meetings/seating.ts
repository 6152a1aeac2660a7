/** The hall as a plan: rows of seats by their labels ("A 01"), tables of one's own before them. */
import type { MemberView, RequestView } from '../contract.gen'
import { bySeat } from './seats'

export type SeatState = 'speaking' | 'asked' | 'voted' | 'present' | 'excused' | 'absent'
type Seated = Pick<MemberView, 'id' | 'seat' | 'full_name' | 'present' | 'excused'>

export interface SeatRow<M> {
  /** "A"; empty for seats that are in no row, such as the chair's table. */
  row: string
  seats: { member: M; number: string }[]
}

const LABEL = /^(.*?)[\s-]*(\d{1,3})$/

/** Rows in the order of their letters, seats in the order of their numbers; seats without a number come first, as a row without name. */
export function seatRows<M extends Seated>(members: Iterable<M>): SeatRow<M>[] {
  const rows = new Map<string, SeatRow<M>>()
  for (const member of [...members].filter((one) => one.seat).sort(bySeat)) {
    const [, row = '', number = ''] = LABEL.exec(member.seat) ?? []
    const name = number ? row.trim() : ''
    if (!rows.has(name)) rows.set(name, { row: name, seats: [] })
    rows.get(name)!.seats.push({ member, number: number || member.seat })
  }
  for (const { row, seats } of rows.values()) if (row) seats.sort((a, b) => Number(a.number) - Number(b.number))
  return [...rows.values()].sort((a, b) => Number(!!a.row) - Number(!!b.row) || a.row.localeCompare(b.row, 'vi', { numeric: true }))
}

/** What a seat shows: who speaks and who asks before all; that somebody has voted, never how. */
export function seatState(member: Seated, requests: ReadonlyMap<number, Pick<RequestView, 'state'>>, voted: ReadonlySet<number>): SeatState {
  const request = requests.get(member.id)?.state
  if (request === 'speaking') return 'speaking'
  if (request === 'waiting') return 'asked'
  if (voted.has(member.id)) return 'voted'
  return member.present ? 'present' : member.excused ? 'excused' : 'absent'
}

/** The one request of each member that matters now. */
export function requestsByMember(requests: Iterable<RequestView>): Map<number, RequestView> {
  const now = [...requests].filter((one) => one.state === 'waiting' || one.state === 'speaking')
  return new Map(now.sort((a) => (a.state === 'speaking' ? 1 : -1)).map((one) => [one.member_id, one]))
}
