/** How a point's own link reads to those who sit there. */
import type { Link, Quality, Reason } from '../contract.gen'
import type { LinkState } from '../link'

/** fair: all there · gaps: less than all, or with gaps · stills: single pictures and sound · audio: sound alone · page: only the page on
    show · media: the meeting goes on without pictures and voice · room: pictures and voice go on, the meeting's own connection is
    away · lost: both are away · joining: not yet there */
export type Way = Step | 'media' | 'room' | 'lost' | 'joining'
export type Step = 'fair' | 'gaps' | 'stills' | 'audio' | 'page'

/** What the server or the node thinks of our link. */
export interface Thought {
  link: Link
  quality?: Quality
  reason?: Reason
}

/** `media`: how our connection to the node is. */
export function way(room: LinkState, media: 'joining' | 'connected' | 'lost', { link, quality = 'high', reason = '' }: Thought): Way {
  if (room === 'lost') return media === 'connected' ? 'room' : 'lost'
  if (media === 'joining') return 'joining'
  if (media === 'lost') return 'media'
  if (quality === 'stills' || quality === 'audio' || quality === 'page') return quality
  return room === 'weak' || link === 'weak' || reason ? 'gaps' : 'fair'
}

/** Whose sentence explains the step: the technician's limit, the way up, the way down, or nobody's. */
export function because(way: Way, reason: Reason = ''): Exclude<Reason, ''> | null {
  if (way === 'gaps') return reason || null
  return way === 'stills' || way === 'audio' || way === 'page' ? reason || 'down' : null
}
