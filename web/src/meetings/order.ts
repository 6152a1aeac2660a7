import type { MeetingView } from '../contract.gen'

const FIRST = { open: 0, draft: 1, closed: 2 }

/** Those sitting, then those to come with the next one first, then those past with the last one first. */
export function inOrder<M extends MeetingView>(meetings: Iterable<M>): M[] {
  return [...meetings].sort((a, b) => {
    const later = a.starts_at.localeCompare(b.starts_at) || a.id - b.id
    return FIRST[a.state] - FIRST[b.state] || (a.state === 'closed' ? -later : later)
  })
}
