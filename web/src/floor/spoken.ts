import type { RequestView } from '../contract.gen'

/** Who has spoken on an item, in order, and how many seconds each. */
export function spoken(requests: Iterable<RequestView>, itemId: number | null): { request: RequestView; seconds: number }[] {
  return [...requests]
    .filter((one) => one.state === 'done' && one.item_id === itemId && one.granted_at && one.ended_at)
    .sort((a, b) => a.granted_at!.localeCompare(b.granted_at!))
    .map((request) => ({ request, seconds: Math.round((Date.parse(request.ended_at!) - Date.parse(request.granted_at!)) / 1000) }))
}
