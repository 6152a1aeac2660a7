/** The time of a meeting as it stands in a form: Vietnam has one zone and no summer time. */
const OFFSET_MS = 7 * 3600_000

/** 2026-12-08T01:00:00Z → "2026-12-08T08:00" */
export function toField(moment: string | number): string {
  return new Date(new Date(moment).getTime() + OFFSET_MS).toISOString().slice(0, 16)
}

/** "2026-12-08T08:00" → 2026-12-08T01:00:00.000Z; what is no time gives null. */
export function fromField(field: string): string | null {
  const moment = Date.parse(`${field}:00Z`) - OFFSET_MS
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(field) && moment ? new Date(moment).toISOString() : null
}
