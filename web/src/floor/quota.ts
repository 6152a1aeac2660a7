/** How long people, groups and points have spoken, and what is left to them by the rules of the floor. */
import type { FloorView, MemberView, RequestView } from '../contract.gen'

type Members = ReadonlyMap<number, Pick<MemberView, 'group'>>
type Rules = Pick<FloorView, 'person_seconds' | 'group_seconds' | 'scope'>
type Speech = Pick<RequestView, 'member_id' | 'point_id' | 'item_id' | 'kind' | 'state' | 'granted_at' | 'ended_at' | 'speaker'>

/** With less left than this nobody is given the floor without the chair's word. */
export const SHORTEST = 10

const counts = (one: Speech) => one.kind === 'speak' || one.kind === 'debate'

/** Seconds until `now` (ms since 1970); 0 for who has not begun. */
export function heldSeconds(one: Speech, now: number): number {
  if (!one.granted_at || (one.state !== 'speaking' && one.state !== 'done')) return 0
  return Math.max(0, ((one.ended_at ? Date.parse(one.ended_at) : now) - Date.parse(one.granted_at)) / 1000)
}

/** Whose time it is besides the person's: the group's, or the point's of who has none. */
export function sideOf(one: Speech, members: Members): string {
  return members.get(one.member_id)?.group || (one.point_id ? `point:${one.point_id}` : '')
}

const personOf = (one: Speech) => `${one.member_id}:${one.speaker ?? ''}`

/** As the server counts: never below 0, null when the rules set no limit for this kind. */
export function leftFor(requests: Iterable<Speech>, one: Speech, members: Members, rules: Rules | undefined, now: number): number | null {
  if (!rules || !counts(one)) return null
  const held = [...requests].filter((other) => counts(other) && (rules.scope === 'meeting' || other.item_id === one.item_id))
  const used = (of: (other: Speech) => string) =>
    held.filter((other) => of(other) === of(one)).reduce((sum, other) => sum + heldSeconds(other, now), 0)
  const side = (other: Speech) => sideOf(other, members)
  const lefts: number[] = []
  if (rules.person_seconds != null) lefts.push(rules.person_seconds - used(personOf))
  if (rules.group_seconds != null && side(one)) lefts.push(rules.group_seconds - used(side))
  return lefts.length ? Math.max(0, Math.ceil(Math.min(...lefts))) : null
}

export interface Share {
  side: string
  speeches: number
  seconds: number
}

/** Speeches and seconds by group or point, the longest first; of one item, or of the whole meeting. Everything said counts. */
export function shares(requests: Iterable<Speech>, members: Members, now: number, by: 'group' | 'point', item?: number | null): Share[] {
  const found = new Map<string, Share>()
  for (const one of requests) {
    if (!one.granted_at || (one.state !== 'speaking' && one.state !== 'done')) continue
    if (item !== undefined && one.item_id !== item) continue
    const side = by === 'group' ? sideOf(one, members) : one.point_id ? `point:${one.point_id}` : ''
    const share = found.get(side) ?? { side, speeches: 0, seconds: 0 }
    share.speeches += 1
    share.seconds += heldSeconds(one, now)
    found.set(side, share)
  }
  return [...found.values()].sort((a, b) => b.seconds - a.seconds)
}

/** Of those who may speak and are there, who has not spoken yet; of one item, or in the whole meeting. */
export function silent<M extends Pick<MemberView, 'id' | 'votes' | 'present'>>(requests: Iterable<Speech>, members: Iterable<M>, item?: number | null): M[] {
  const spoke = new Set([...requests].filter((one) => one.granted_at && (item === undefined || one.item_id === item)).map((one) => one.member_id))
  return [...members].filter((one) => one.votes && one.present && !spoke.has(one.id))
}
