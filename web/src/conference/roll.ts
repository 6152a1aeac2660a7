/** The roll call of points: who has answered, with how many people, and who is missing. */
import type { ConferenceView, PointView } from '../contract.gen'
import { inOrder } from './points'

export interface Roll {
  /** The first to answer first. */
  answered: PointView[]
  /** In the meeting's order. */
  missing: PointView[]
  /** People in all halls that answered. */
  people: number
}

export function rollOf(points: Iterable<PointView>): Roll {
  const all = inOrder(points)
  const answered = all.filter((point) => point.answered_at).sort((a, b) => Date.parse(a.answered_at!) - Date.parse(b.answered_at!))
  const people = answered.reduce((sum, point) => sum + (point.attending ?? 0), 0)
  return { answered, missing: all.filter((point) => !point.answered_at), people }
}

/** Whether a roll call waits for this point's answer. */
export function isAsked(conference: Pick<ConferenceView, 'roll_called_at'> | undefined, point: Pick<PointView, 'answered_at'>): boolean {
  return !!conference?.roll_called_at && !point.answered_at
}
