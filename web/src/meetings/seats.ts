import type { MemberView } from '../contract.gen'
import { compareNames } from '../people/names'

/** "A 2" before "A 10"; those without a seat last, by name. */
export function bySeat(a: Pick<MemberView, 'seat' | 'full_name'>, b: Pick<MemberView, 'seat' | 'full_name'>): number {
  if (!a.seat !== !b.seat) return a.seat ? -1 : 1
  return a.seat.localeCompare(b.seat, 'vi', { numeric: true }) || compareNames(a.full_name, b.full_name)
}
