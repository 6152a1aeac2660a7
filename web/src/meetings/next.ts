/** "Bước tiếp theo": the one thing a sitting waits for, from opening it to closing it. */
import type { ItemView, MeetingView, VoteView } from '../contract.gen'
import { branch, type Node, path, type Row } from '../agenda/tree'

type Item = Node & Pick<ItemView, 'state'>
type Vote = Pick<VoteView, 'id' | 'item_id' | 'state'> & Partial<Pick<VoteView, 'method'>>

export type Next<I, V> =
  | { do: 'open_meeting' | 'close_meeting' }
  | { do: 'start_item'; item: I }
  | { do: 'open_vote' | 'close_vote' | 'publish_vote'; vote: V }

/** Null when the sitting is over. An open vote comes before all else; then what the item in hand has to decide; then the next item. */
export function nextStep<I extends Item, V extends Vote>(
  meeting: Pick<MeetingView, 'state'>,
  rows: readonly Row<I>[],
  votes: readonly V[],
): Next<I, V> | null {
  if (meeting.state === 'closed') return null
  if (meeting.state === 'draft') return { do: 'open_meeting' }
  const open = votes.find((vote) => vote.state === 'open' && vote.method !== 'slip')
  if (open) return { do: 'close_vote', vote: open }
  const at = rows.findIndex((row) => row.item.state === 'current')
  const due = votes.filter((vote) => at >= 0 && vote.method !== 'slip' && isDue(rows, at, vote.item_id))
  const counted = due.find((vote) => vote.state === 'closed')
  if (counted) return { do: 'publish_vote', vote: counted }
  const draft = due.find((vote) => vote.state === 'draft')
  if (draft) return { do: 'open_vote', vote: draft }
  const next = rows.find((row, place) => place > at && row.item.state === 'pending')
  return next ? { do: 'start_item', item: next.item } : { do: 'close_meeting' }
}

/** A vote belongs to the item in hand, or to one above it of which this is the last part. */
function isDue<I extends Item>(rows: readonly Row<I>[], at: number, itemId: number): boolean {
  const current = rows[at]!.item
  return path(rows, current.id).some((item) => item.id === itemId && branch(rows, item.id).at(-1)!.item.id === current.id)
}

export interface Unfinished<I, V, P> {
  /** Never begun. */
  items: I[]
  /** Drafts that were never opened, and results that were not published. */
  votes: V[]
  /** Those who still wait for the floor. */
  waiting: P[]
}

/** What would stay undone if the sitting ended now. */
export function unfinished<I extends Item, V extends Vote, P extends { state: string }>(
  rows: readonly Row<I>[],
  votes: readonly V[],
  requests: readonly P[],
): Unfinished<I, V, P> {
  return {
    items: rows.filter((row) => row.item.state === 'pending').map((row) => row.item),
    votes: votes.filter((vote) => vote.state === 'draft' || vote.state === 'open' || vote.state === 'closed'),
    waiting: requests.filter((request) => request.state === 'waiting'),
  }
}
