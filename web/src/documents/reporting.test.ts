import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PaperView } from '../contract.gen'
import { type Report, Reporter, reportOf, SPACING_MS, spelled } from './reporting'

const paper = { id: 5, version: 2, state: 'ready', page_count: 12 } as PaperView
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1)

test.each([
  ['nothing here yet', paper, [], false, 'announced', ''],
  ['later pages first', paper, [3, 10], false, 'announced', '0402'],
  ['page 1', paper, [1], false, 'first_page', '01'],
  ['all', paper, upTo(12), false, 'complete', 'ff0f'],
  ['all there are so far', { ...paper, state: 'rendering' as const }, upTo(12), false, 'first_page', 'ff0f'],
  ['before the eyes', paper, upTo(4), true, 'opened', '0f'],
  ['asked for, not yet to be seen', paper, [], true, 'announced', ''],
  ['taken back', { ...paper, state: 'withdrawn' as const }, [], true, 'withdrawn', ''],
] as const)('%s', (_, of, pages, opened, state, held) => {
  expect(reportOf(of, { held: pages, opened })).toEqual({ paper_id: 5, version: 2, state, held })
})

test.each(['refused', 'on_paper'] as const)('of a paper that is %s there is nothing to receive', (state) => {
  expect(reportOf({ ...paper, state }, { held: [], opened: false })).toBeNull()
})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const report = (paper_id: number, pages: number, state: Report['state'] = 'first_page'): Report => ({ paper_id, version: 1, state, held: spelled(upTo(pages)) })

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
