/** The floor: who speaks, and who waits in which order. */
import type { RequestView } from '../contract.gen'

export function speaking(requests: Iterable<RequestView>): RequestView | undefined {
  return [...requests].find((request) => request.state === 'speaking')
}

export function waiting(requests: Iterable<RequestView>): RequestView[] {
  return [...requests].filter((request) => request.state === 'waiting').sort((a, b) => a.position - b.position || a.id - b.id)
}

/** The speech a debate would be about: the one in hand, else the last on this item. */
export function debatable(requests: Iterable<RequestView>, item: number | null): RequestView | undefined {
  const all = [...requests]
  const held = all.filter((one) => one.state === 'done' && one.item_id === item && one.granted_at && one.ended_at)
  return speaking(all) ?? held.sort((a, b) => b.ended_at!.localeCompare(a.ended_at!))[0]
}

/** When the time of who speaks is over, in ms since 1970. */
export function endOf(request: RequestView): number {
  return Date.parse(request.granted_at!) + request.seconds * 1000
}
