import type { RefusalCode } from '../contract.gen'
import { Refusal } from '../refusal'
import type { Key } from './types'
import { vi } from './vi'
import { number, t } from './words.svelte'

/** The sentence for people about what was thrown. What is not a refusal is a bug: it is logged, and said as one. */
export function sentence(thrown: unknown): string {
  if (!(thrown instanceof Refusal)) console.error(thrown)
  const code = thrown instanceof Refusal && isKnown(thrown.code) ? thrown.code : 'internal'
  const detail = thrown instanceof Refusal && isPlain(thrown.detail) ? thrown.detail : {}
  return (t as (key: Key, values: object) => string)(`refusals.${code}`, {
    ...detail,
    retry_after: wait(Number(detail.retry_after ?? 60)),
    limit: `${number(Number(detail.limit ?? 0) / 1e6, 0)} MB`,
  })
}

function isKnown(code: string): code is RefusalCode {
  return Object.hasOwn(vi.refusals, code)
}

function isPlain(detail: unknown): detail is Record<string, unknown> {
  return typeof detail === 'object' && detail !== null && !Array.isArray(detail)
}

function wait(seconds: number): string {
  if (seconds < 60) return t('ui.seconds', { n: Math.ceil(seconds) })
  return t('ui.minutes', { n: Math.ceil(seconds / 60) })
}
