import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PaperView } from '../contract.gen'
import { type Report, Reporter, reportOf, SPACING_MS } from './reporting'

const paper = { id: 5, version: 2, state: 'ready', page_count: 12 } as PaperView
const has = (pages: number, opened = false) => ({ first: pages > 0, pages, opened })

test.each([
  ['nothing here yet', paper, has(0), 'announced', 0],
  ['later pages first', paper, { first: false, pages: 2, opened: false }, 'announced', 2],
  ['page 1', paper, has(1), 'first_page', 1],
  ['all', paper, has(12), 'complete', 12],
  ['all there are so far', { ...paper, state: 'rendering' as const }, has(12), 'first_page', 12],
  ['before the eyes', paper, has(4, true), 'opened', 4],
  ['asked for, not yet to be seen', paper, has(0, true), 'announced', 0],
  ['taken back', { ...paper, state: 'withdrawn' as const }, has(0, true), 'withdrawn', 0],
] as const)('%s', (_, of, here, state, pages) => {
  expect(reportOf(of, here)).toEqual({ paper_id: 5, version: 2, state, pages })
})

test('of a file that cannot be shown there is nothing to receive', () => {
  expect(reportOf({ ...paper, state: 'refused' }, has(0))).toBeNull()
})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const report = (paper_id: number, pages: number, state: Report['state'] = 'first_page'): Report => ({ paper_id, version: 1, state, pages })

test('at most one a second, the newest of each paper, a step before a page count', () => {
  const sent: Report[] = []
  const reporter = new Reporter((one) => sent.push(one))
  reporter.tell(report(1, 1))
  expect(sent).toEqual([report(1, 1)])
  for (let pages = 2; pages <= 9; pages++) reporter.tell(report(1, pages))
  reporter.tell(report(2, 0, 'announced'))
  reporter.tell(report(2, 3, 'opened'))
  expect(sent).toHaveLength(1)
  vi.advanceTimersByTime(SPACING_MS)
  expect(sent.slice(1)).toEqual([report(2, 3, 'opened')])
  vi.advanceTimersByTime(SPACING_MS)
  expect(sent.slice(2)).toEqual([report(1, 9)])
  vi.advanceTimersByTime(10 * SPACING_MS)
  expect(sent).toHaveLength(3)
  reporter.tell(report(1, 9))
  vi.advanceTimersByTime(SPACING_MS)
  expect(sent).toHaveLength(3)
})

test('a new version is told anew; nothing is told after the end', () => {
  const sent: Report[] = []
  const reporter = new Reporter((one) => sent.push(one))
  reporter.tell(report(1, 1))
  reporter.tell({ ...report(1, 1), version: 2 })
  vi.advanceTimersByTime(SPACING_MS)
  expect(sent.map(({ version }) => version)).toEqual([1, 2])
  reporter.tell(report(1, 2))
  reporter.close()
  vi.advanceTimersByTime(SPACING_MS)
  expect(sent).toHaveLength(2)
})
