/** How a point's own link reads to those who sit there. */
import type { LinkState } from '../link'
import type { Link } from '../contract.gen'

/** fair: all there · gaps: pictures and voice with gaps · media: the meeting goes on without pictures and voice ·
    room: pictures and voice go on, the meeting's own connection is away · lost: both are away · joining: not yet there */
export type Way = 'fair' | 'gaps' | 'media' | 'room' | 'lost' | 'joining'

/** `media`: how our connection to the node is; `point`: what the server thinks of our link. */
export function way(room: LinkState, media: 'joining' | 'connected' | 'lost', point: Link): Way {
  if (room === 'lost') return media === 'connected' ? 'room' : 'lost'
  if (media === 'joining') return 'joining'
  if (media === 'lost') return 'media'
  return room === 'weak' || point === 'weak' ? 'gaps' : 'fair'
}
