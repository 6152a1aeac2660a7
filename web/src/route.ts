/** Addresses of the application; all are answered with the same index.html. */
export type Route =
  | { name: 'login' | 'seat' | 'home' | 'ui' | 'unknown' }
  | { name: 'admin'; part: Part; meetingId: number }
  /** `which`: the recording, the wall, or the vote of a result sheet. */
  | { name: 'meeting'; meetingId: number; as: Seat | null; which?: number }

/** The screens of a meeting. Without one in the address, the person's role decides. */
const SEATS = ['delegate', 'secretary', 'chair', 'point', 'technician', 'wall', 'recording', 'sheet', 'here', 'counting'] as const
export type Seat = (typeof SEATS)[number]

/** The parts of the administration; the journal is a meeting's, or with 0 the house's. */
export const PARTS = ['people', 'units', 'import', 'rules', 'meetings', 'journal'] as const
export type Part = (typeof PARTS)[number]

const PLAIN: Record<string, 'login' | 'seat' | 'home' | 'ui'> = {
  '/': 'home',
  '/login': 'login',
  '/seat': 'seat',
  '/ui': 'ui',
}

export function routeOf(path: string): Route {
  const plain = PLAIN[path.length > 1 ? path.replace(/\/$/, '') : path]
  if (plain) return { name: plain }
  const admin = /^\/admin(?:\/([a-z]+)(?:\/(\d{1,15}))?)?\/?$/.exec(path)
  const part = PARTS.find((one) => one === (admin?.[1] ?? 'people'))
  if (admin && part && (part === 'journal' || !admin[2])) return { name: 'admin', part, meetingId: Number(admin[2] ?? 0) }
  const found = /^\/m\/(\d{1,15})(?:\/([a-z]+)(?:\/(\d{1,15}))?)?\/?$/.exec(path)
  const seat = SEATS.find((one) => one === found?.[2]) ?? null
  if (!found || (found[2] && !seat) || (found[3] ? seat !== 'recording' && seat !== 'wall' && seat !== 'sheet' : seat === 'recording' || seat === 'sheet')) return { name: 'unknown' }
  const meeting = { name: 'meeting', meetingId: Number(found[1]), as: seat } as const
  return found[3] ? { ...meeting, which: Number(found[3]) } : meeting
}

export function adminPath(part: Part, meetingId = 0): string {
  return meetingId ? `/admin/${part}/${meetingId}` : `/admin/${part}`
}

export function meetingPath(meetingId: number, as?: Seat, which?: number): string {
  return ['', 'm', meetingId, as, which].filter((part) => part !== undefined).join('/')
}
