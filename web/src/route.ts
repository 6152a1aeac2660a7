/** Addresses of the application; all are answered with the same index.html. */
export type Route =
  | { name: 'login' | 'seat' | 'home' | 'admin' | 'ui' | 'unknown' }
  | { name: 'meeting'; meetingId: number; as: Seat | null }

/** The screens of a meeting. Without one in the address, the person's role decides. */
export const SEATS = ['delegate', 'secretary', 'chair', 'point', 'wall'] as const
export type Seat = (typeof SEATS)[number]

const PLAIN: Record<string, 'login' | 'seat' | 'home' | 'admin' | 'ui'> = {
  '/': 'home',
  '/login': 'login',
  '/seat': 'seat',
  '/admin': 'admin',
  '/ui': 'ui',
}

export function routeOf(path: string): Route {
  const plain = PLAIN[path.length > 1 ? path.replace(/\/$/, '') : path]
  if (plain) return { name: plain }
  const found = /^\/m\/(\d{1,15})(?:\/([a-z]+))?\/?$/.exec(path)
  const seat = SEATS.find((one) => one === found?.[2]) ?? null
  if (!found || (found[2] && !seat)) return { name: 'unknown' }
  return { name: 'meeting', meetingId: Number(found[1]), as: seat }
}

export function meetingPath(meetingId: number, as?: Seat): string {
  return as ? `/m/${meetingId}/${as}` : `/m/${meetingId}`
}
