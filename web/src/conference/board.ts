/** The technician's board: every point with its figures, the troubled first, and their histories as lines. */
import type { Board, PeerReport, PointHistory, PointSample, PointView } from '../contract.gen'
import { matches } from '../people/names'
import type { Mark } from '../ui/LinkMark.svelte'
import { inOrder, markOf } from './points'

/** What is drawn as a line, in the units of `PointSample`. */
export type Figure = 'loss' | 'rtt' | 'jitter' | 'up' | 'down'

/** As much of its history is kept of a point, in seconds. */
export const HISTORY_S = 1800

/** What was known, and what is new since: histories grow at their end and are cut at their beginning. */
export function merged(before: Board | null, now: Board): Board {
  const known = new Map(before?.points.map((point) => [point.point_id, point.samples]))
  return {
    nodes: now.nodes,
    points: now.points.map((point) => {
      const samples = known.get(point.point_id) ?? []
      const last = samples.at(-1)?.at ?? -Infinity
      const all = [...samples, ...point.samples.filter(({ at }) => at > last)]
      const first = (all.at(-1)?.at ?? 0) - HISTORY_S
      return { ...point, samples: all.filter(({ at }) => at >= first) }
    }),
  }
}

/** The newest moment of all histories, in seconds since 1970; 0 when there is none. */
export function newest(board: Board | null): number {
  return Math.max(0, ...(board?.points.map((point) => point.samples.at(-1)?.at ?? 0) ?? []))
}

/** From these on (loss, delay), or up to these (rates), a figure explains trouble: percent, milliseconds, kbit/s. */
export const THRESHOLDS = { loss: 5, rtt: 250, up: 300 } as const

export interface BoardRow {
  point: PointView
  mark: Exclude<Mark, 'live'>
  report: PeerReport | null
  samples: readonly PointSample[]
  /** Since when it is in its step, ms since 1970; null when longer than the history, or not connected. */
  since: number | null
}

export function valueOf(sample: PointSample, figure: Figure): number {
  switch (figure) {
    case 'loss':
      return Math.max(sample.loss_up_pct, sample.loss_down_pct)
    case 'rtt':
      return sample.rtt_ms
    case 'jitter':
      return sample.jitter_up_ms
    case 'up':
      return sample.up_kbps
    case 'down':
      return sample.down_kbps
  }
}

/** Whether a figure is on the wrong side of its threshold. A point of which nobody wants more sends little and is well: sending counts
    only for those in trouble. */
export function stands(figure: keyof typeof THRESHOLDS, value: number, troubled: boolean): boolean {
  return figure === 'up' ? troubled && value < THRESHOLDS.up : value >= THRESHOLDS[figure]
}

const ORDER: Record<BoardRow['mark'], number> = { lost: 0, pages: 1, audio: 2, stills: 3, weak: 4, absent: 5, good: 6 }

/** All points, those in trouble first, then in the meeting's order. */
export function boardRows(points: Iterable<PointView>, histories: Iterable<PointHistory>): BoardRow[] {
  const known = new Map([...histories].map((history) => [history.point_id, history]))
  return inOrder(points)
    .map((point) => {
      const { report = null, samples = [] } = known.get(point.id) ?? {}
      return { point, mark: markOf(point), report, samples, since: since(samples) }
    })
    .sort((a, b) => ORDER[a.mark] - ORDER[b.mark])
}

/** Since when all samples have the quality of the last, in ms since 1970. */
export function since(samples: readonly PointSample[]): number | null {
  const now = samples.at(-1)?.quality
  for (let n = samples.length - 1; n >= 0; n--) if (samples[n]!.quality !== now) return samples[n + 1]!.at * 1000
  return null
}

export function wanted(row: BoardRow, troubled: boolean, query: string): boolean {
  return (!troubled || row.mark !== 'good') && (!query || matches(row.point.name, query))
}

export interface Line {
  /** An SVG path in a box of `width` × `height`; interrupted where nothing was measured. */
  path: string
  /** Where the last value stands, and the threshold. */
  end: { x: number; y: number } | null
  limit: number | null
  /** The value at the upper edge. */
  top: number
}

/** The means of equal stretches of time, `width` seconds each, at the last moment measured in it: more values than a line has px only
    make it thick. */
export function thinned(samples: readonly { at: number; value: number }[], width: number): { at: number; value: number }[] {
  const stretches = new Map<number, { at: number; sum: number; count: number }>()
  for (const { at, value } of samples) {
    const { sum = 0, count = 0 } = stretches.get(Math.floor(at / width)) ?? {}
    stretches.set(Math.floor(at / width), { at, sum: sum + value, count: count + 1 })
  }
  return [...stretches.values()].map(({ at, sum, count }) => ({ at, value: sum / count }))
}

/** Longer without a sample than this, the line is interrupted, in seconds. */
const GAP_S = 30

/** Values over time, from `from` to `to` (seconds since 1970). The upper edge is at `least` or above the highest value. */
export function line(
  samples: readonly { at: number; value: number }[],
  { from, to, width, height, least, threshold }: { from: number; to: number; width: number; height: number; least: number; threshold?: number },
): Line {
  const shown = samples.filter(({ at }) => at >= from && at <= to)
  const top = niceTop(Math.max(least, ...shown.map(({ value }) => value)))
  const x = (at: number) => Math.round(((at - from) / Math.max(1, to - from)) * width * 10) / 10
  const y = (value: number) => Math.round((1 - value / top) * height * 10) / 10
  const path = shown
    .map(({ at, value }, n) => `${n && at - shown[n - 1]!.at <= GAP_S ? 'L' : 'M'}${x(at)} ${y(value)}`)
    .join('')
  const last = shown.at(-1)
  return { path, end: last ? { x: x(last.at), y: y(last.value) } : null, limit: threshold === undefined ? null : y(threshold), top }
}

/** 1, 2 or 5 times a power of ten, not below. */
export function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value)!
}
