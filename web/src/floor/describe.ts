/** Who asks or speaks, from where and for what, as people read it. */
import { plainName } from '../conference/points'
import type { RequestView } from '../contract.gen'
import { givenName } from '../people/names'
import { sitting } from '../state.svelte'
import { figures } from '../ui/countdown'
import { t, time } from '../words/words.svelte'
import { leftFor, SHORTEST } from './quota'

/** A person of a point's hall, the point itself when its operator asks for it, or the member. */
export function nameOf(request: RequestView): string {
  const member = sitting.members.get(request.member_id)
  const point = sitting.points.get(request.point_id ?? 0)
  if (request.speaker) return request.speaker
  return member?.role === 'operator' && point ? t('point.title', { name: plainName(point.name) }) : (member?.full_name ?? '')
}

/** The point they are at, or their group; nothing when the name says it. */
export function placeOf(request: RequestView): string {
  const member = sitting.members.get(request.member_id)
  const point = sitting.points.get(request.point_id ?? 0)
  if (point) return member?.role === 'operator' && !request.speaker ? '' : t('point.title', { name: plainName(point.name) })
  return member?.group || member?.unit || ''
}

/** What they may still say by the quotas, in seconds; null: as long as they are given. */
export function leftOf(request: RequestView, now: number): number | null {
  return leftFor(sitting.requests.values(), request, sitting.members, sitting.floor, now)
}

/** "giải trình", "tranh luận với đ/b Hạnh"; empty for a speech. */
export function kindOf(request: RequestView): string {
  if (request.kind === 'point_of_order') return t('chair.order')
  if (request.kind === 'answer') return t('floor.answer')
  if (request.kind !== 'debate') return ''
  const about = sitting.requests.get(request.replies_to ?? 0)
  return about ? t('floor.debate_with', { name: givenName(nameOf(about)) }) : t('floor.debate')
}

/** Of who speaks: where they are, for what they have the floor, and what is left of their quota. */
export function about(request: RequestView, now: number): string {
  const left = leftOf(request, now)
  return [placeOf(request), kindOf(request), left === null ? '' : t('floor.quota_left', { time: figures(left) })].filter(Boolean).join(', ')
}

export function describe(request: RequestView, now: number, when = false): { detail: string; state: 'waiting' | 'urgent' | 'away' } {
  const place = placeOf(request)
  const point = sitting.points.get(request.point_id ?? 0)
  const left = leftOf(request, now)
  const details = [
    point?.link === 'lost' ? t('chair.lost_place', { where: place || nameOf(request) }) : place,
    kindOf(request),
    request.invited ? t('floor.invited') : when ? time(request.requested_at) : '',
    left === null ? '' : left < SHORTEST ? t('floor.used_up') : t('floor.left', { time: figures(left) }),
  ]
  const state = request.kind === 'point_of_order' ? 'urgent' : point?.link === 'lost' ? 'away' : 'waiting'
  return { detail: details.filter(Boolean).join(', '), state }
}
