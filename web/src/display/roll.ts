/** Who voted how, as a wall shows it: by what they chose, then by given name, a page at a time. */
import type { SheetRow } from '../contract.gen'
import { compareNames } from '../people/names'

/** How long a page of names stays, in ms: forty names are read in less. */
export const PAGE_MS = 10_000

export interface Voter {
  id: number
  name: string
  /** What they chose; null: no ballot. */
  code: string | null
}

/** `codes` in the order of the question's options; who has no ballot comes last, who gave none of them just before. */
export function votersOf(rows: readonly Pick<SheetRow, 'member_id' | 'full_name' | 'answers'>[], codes: readonly string[]): Voter[] {
  const place = ({ code }: Voter) => (code === null ? codes.length + 1 : codes.includes(code) ? codes.indexOf(code) : codes.length)
  return rows
    .map((row) => ({ id: row.member_id, name: row.full_name, code: row.answers ? (row.answers[0]?.[0] ?? '') : null }))
    .sort((a, b) => place(a) - place(b) || compareNames(a.name, b.name))
}

/** The page that is due at `now` (ms), the same on every wall, and how many there are: as full as each other, none over `most`. */
export function pageAt<V>(all: readonly V[], most: number, now: number): { page: V[]; number: number; count: number } {
  const count = Math.max(1, Math.ceil(all.length / most))
  const size = Math.ceil(all.length / count)
  const number = Math.floor(now / PAGE_MS) % count
  return { page: all.slice(number * size, (number + 1) * size), number: number + 1, count }
}
