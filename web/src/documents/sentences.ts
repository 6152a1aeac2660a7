/** What the secretary reads about a paper. */
import type { PaperView } from '../contract.gen'
import type { Key } from '../words/types'
import { t } from '../words/words.svelte'
import type { Counts } from './receipts'

const REASONS = ['encrypted', 'damaged', 'too_many_pages', 'too_large', 'too_slow', 'not_a_paper', 'needs_office'] as const

/** Why a file cannot be shown. */
export function reasonOf(reason: string | null): string {
  const known = REASONS.find((one) => one === reason)
  return t((known ? `upload.reason_${known}` : 'upload.reason_damaged') as Extract<Key, `upload.reason_${string}`>)
}

/** "44 đủ, 2 đang tải, 1 mất kết nối" */
export function spreadOf(paper: Pick<PaperView, 'state'>, counts: Counts): string {
  const parts =
    paper.state === 'withdrawn'
      ? [counts.withdrawn && t('upload.sum_withdrawn', { n: counts.withdrawn }), counts.loading && t('upload.sum_withdrawing', { n: counts.loading })]
      : [t('upload.sum_full', { n: counts.opened + counts.full }), counts.loading && t('upload.sum_loading', { n: counts.loading })]
  return [...parts, counts.lost && t('upload.sum_lost', { n: counts.lost })].filter(Boolean).join(', ')
}
