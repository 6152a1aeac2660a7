/** A spreadsheet of people: the look before it is taken over. */
import type { ImportPreview, ImportRow } from '../contract.gen'
import { ask } from '../http'
import { Refusal } from '../refusal'
import { sentence } from '../words/refusals'
import type { Key } from '../words/types'
import { vi } from '../words/vi'
import { t } from '../words/words.svelte'
import { fold } from './names'
import type { Units } from './units'

/** What taking the sheet over means for a row. */
export type Outcome = 'bad' | 'new' | 'update'

export function preview(file: Blob): Promise<ImportPreview> {
  return ask<ImportPreview>('POST', '/api/people/preview', file)
}

export function outcome(row: ImportRow): Outcome {
  if (Object.keys(row.problems).length) return 'bad'
  return row.person_id === null ? 'new' : 'update'
}

export function counts(rows: readonly ImportRow[]): Record<Outcome, number> {
  const sum = { bad: 0, new: 0, update: 0 }
  for (const row of rows) sum[outcome(row)] += 1
  return sum
}

/** Today's name of the unit a row means by a former one; empty when it is called so. */
export function unitNow(row: ImportRow, units: Units): string {
  const unit = units.get(row.unit_id ?? 0)
  return unit && !fold(row.unit).startsWith(fold(unit.name)) ? unit.name : ''
}

/** What is wrong in one cell, in words; empty when nothing is. */
export function problem(row: ImportRow, column: string): string {
  const code = row.problems[column]
  if (!code) return ''
  const key = `problem_${code}`
  return Object.hasOwn(vi.importing, key) ? t(`importing.${key}` as Extract<Key, `importing.problem_${string}`>) : code
}

/** Why a file is not taken. */
export function refusalWords(thrown: unknown): string {
  const detail = thrown instanceof Refusal && thrown.code === 'bad_sheet' ? (thrown.detail as { reason?: string; rows?: number } | null) : null
  const key = `sheet_${detail?.reason}`
  if (!Object.hasOwn(vi.importing, key)) return sentence(thrown)
  return (t as (key: Key, values: object) => string)(`importing.${key}` as Key, { rows: detail?.rows ?? 0 })
}
