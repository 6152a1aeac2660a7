import { expect, test } from 'vitest'
import type { PointSample, PointView } from '../contract.gen'
import { boardRows, HISTORY_S, line, merged, newest, niceTop, since, stands, thinned, valueOf, wanted } from './board'

function sample(at: number, more: Partial<PointSample> = {}): PointSample {
  const calm = { loss_up_pct: 0, loss_down_pct: 0, jitter_up_ms: 2, rtt_ms: 20, up_kbps: 900, down_kbps: 1200, estimate_kbps: 2000 }
  return { at, ...calm, quality: 'high', ...more }
}

function point(id: number, more: Partial<PointView> = {}): PointView {
  return { id, name: `Xã ${'ABCDEG'[id - 1]}`, link: 'good', position: id, unit_id: null, mic: 'off', pinned: false, ...more }
}

test('the troubled first, the worst of them at the top, then the order of the meeting', () => {
  const points = [
    point(1),
    point(2, { link: 'absent' }),
    point(3, { link: 'weak' }),
    point(4, { quality: 'audio', reason: 'down' }),
    point(5, { link: 'lost' }),
    point(6, { quality: 'stills', reason: 'down' }),
  ]
  const rows = boardRows(points, [{ point_id: 4, report: null, samples: [sample(10)] }])
  expect(rows.map((row) => row.mark)).toEqual(['lost', 'audio', 'stills', 'weak', 'absent', 'good'])
  expect(rows[1]!.samples).toHaveLength(1)
  expect(rows.filter((row) => wanted(row, true, '')).length).toBe(5)
  expect(rows.filter((row) => wanted(row, false, 'xa d')).map((row) => row.point.id)).toEqual([4])
})

test('what is new joins on to what was known, and what is older than the history goes', () => {
  const board = (...samples: PointSample[]) => ({ nodes: [], points: [{ point_id: 1, report: null, samples }] })
  const first = merged(null, board(sample(2), sample(4)))
  const second = merged(first, board(sample(4), sample(6)))
  expect(second.points[0]!.samples.map(({ at }) => at)).toEqual([2, 4, 6])
  expect(newest(second)).toBe(6)
  expect(merged(second, board(sample(HISTORY_S + 5))).points[0]!.samples.map(({ at }) => at)).toEqual([6, HISTORY_S + 5])
  expect(merged(second, { nodes: [], points: [] }).points).toEqual([])
  expect(newest(null)).toBe(0)
})

test('a step has begun with the first sample that has it, and before the history when all have', () => {
  expect(since([sample(2), sample(4, { quality: 'audio' }), sample(6, { quality: 'audio' })])).toBe(4000)
  expect(since([sample(2), sample(4)])).toBeNull()
  expect(since([])).toBeNull()
})

test.each([
  ['loss', 5, false, true],
  ['loss', 4.9, true, false],
  ['rtt', 300, false, true],
  ['up', 100, true, true],
  ['up', 100, false, false],
] as const)('%s of %d, in trouble %s: over its threshold %s', (figure, value, troubled, over) => {
  expect(stands(figure, value, troubled)).toBe(over)
})

test('the worse direction is the loss of a sample', () => {
  expect(valueOf(sample(0, { loss_up_pct: 2, loss_down_pct: 7 }), 'loss')).toBe(7)
  expect(valueOf(sample(0), 'down')).toBe(1200)
})

test('a line goes from left to right over what was measured, and leaves out what was not', () => {
  const values = [
    { at: 0, value: 0 },
    { at: 50, value: 5 },
    { at: 60, value: 10 },
    { at: 95, value: 4 },
    { at: 100, value: 5 },
  ]
  const drawn = line(values, { from: 50, to: 100, width: 100, height: 20, least: 5, threshold: 5 })
  expect(drawn).toEqual({ path: 'M0 10L20 0M90 12L100 10', end: { x: 100, y: 10 }, limit: 10, top: 10 })
  expect(line([], { from: 0, to: 10, width: 10, height: 10, least: 1 })).toEqual({ path: '', end: null, limit: null, top: 1 })
})

test('more values than fit are drawn as means, each at the last moment of its stretch', () => {
  const values = [1, 2, 4, 6, 8].map((value, n) => ({ at: n, value }))
  expect(thinned(values, 3)).toEqual([{ at: 2, value: 7 / 3 }, { at: 4, value: 7 }])
  expect(thinned(values, 1)).toEqual(values)
  expect(thinned([], 3)).toEqual([])
})

test.each([
  [0, 1],
  [3, 5],
  [5, 5],
  [12, 20],
  [640, 1000],
])('above %d the edge is at %d', (value, top) => expect(niceTop(value)).toBe(top))
