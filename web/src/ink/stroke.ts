/** What a stroke is made of: smoothed while it is drawn, thinned out when it is done, found and cut by the eraser. Lengths here are in
    ten-thousandths of the page's width in both directions; `tall` is the page's height by its width, so that circles are round. */
import { MOST_POINTS, type Point, REACH } from './coding'

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** A hand trembles and a digitizer has steps: each point is drawn towards the one before it by this part. */
const STEADY = 0.35
/** A point that lies closer than this to the line between its neighbours says nothing. */
const FINE = 6
/** The pen's width goes from this part of it, at no pressure, to as much more at full pressure. */
const LIGHT = 0.55

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, Math.round(value)))

/** A point where a hand may draw. */
export function placed(x: number, y: number, pressure: number): Point {
  return [within(x, REACH.left, REACH.right), within(y, REACH.top, REACH.bottom), within(pressure, 0, 255)]
}

/** The next point of a stroke, steadied. */
export function steadied(before: Point | undefined, x: number, y: number, pressure: number): Point {
  if (!before) return placed(x, y, pressure)
  return placed(x + (before[0] - x) * STEADY, y + (before[1] - y) * STEADY, pressure + (before[2] - pressure) * STEADY)
}

/** The parts of a stroke that lie on the page: a pen that runs over the edge writes nothing there, on the screen, in a printout or elsewhere. */
export function onPage(points: readonly Point[]): Point[][] {
  const parts: Point[][] = []
  let part: Point[] = []
  points.forEach((point, n) => {
    const edge = atEdge(point)
    const inside = edge[0] === point[0] && edge[1] === point[1]
    if (inside && !part.length && n) part.push(atEdge(points[n - 1]!))
    if (inside || part.length) part.push(edge)
    if (!inside && part.length) {
      parts.push(part)
      part = []
    }
  })
  return part.length ? [...parts, part] : parts
}

const atEdge = ([x, y, pressure]: Point): Point => [within(x, 0, 10_000), within(y, 0, 10_000), pressure]

/** How wide a pen of `width` draws at this pressure. */
export function widthAt(width: number, pressure: number): number {
  return width * (LIGHT + (2 * (1 - LIGHT) * pressure) / 255)
}

/** The same line with fewer points (Ramer, Douglas, Peucker), never more than the server takes. */
export function thinned(points: readonly Point[], tall: number): Point[] {
  if (points.length < 3) return [...points]
  const keep = new Uint8Array(points.length)
  keep[0] = keep[points.length - 1] = 1
  const open: [number, number][] = [[0, points.length - 1]]
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span
    let [far, at] = [FINE, 0]
    for (let n = from + 1; n < to; n++) {
      const off = Math.max(distance(points[n]!, points[from]!, points[to]!, tall), pressed(points[n]!, points[from]!, points[to]!))
      if (off > far) [far, at] = [off, n]
    }
    if (!at) continue
    keep[at] = 1
    open.push([from, at], [at, to])
  }
  const left = points.filter((_, n) => keep[n])
  return left.length > MOST_POINTS ? left.filter((_, n) => n % Math.ceil(left.length / MOST_POINTS) === 0) : left
}

/** Whether a round tip at (x, y) touches the stroke. */
export function hits(points: readonly Point[], width: number, x: number, y: number, radius: number, tall: number): boolean {
  const tip: Point = [x, y, 0]
  const reach = radius + width / 2
  if (points.length === 1) return distance(tip, points[0]!, points[0]!, tall) <= reach
  for (let n = 1; n < points.length; n++) if (distance(tip, points[n - 1]!, points[n]!, tall) <= reach) return true
  return false
}

/** What is left of a stroke where a round tip went over it; null when it was not touched. */
export function cut(points: readonly Point[], x: number, y: number, radius: number, tall: number): Point[][] | null {
  const dense = filled(points, radius / 2, tall)
  const left: Point[][] = []
  let piece: Point[] = []
  let touched = false
  for (const point of dense) {
    if (Math.hypot(point[0] - x, (point[1] - y) * tall) <= radius) {
      touched = true
      if (piece.length > 1) left.push(piece)
      piece = []
    } else piece.push(point)
  }
  if (!touched) return null
  if (piece.length > 1) left.push(piece)
  return left.map((one) => thinned(one, tall))
}

/** Where the stroke is, with its width. */
export function boxOf(points: readonly Point[], width: number, tall: number): Box {
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const edge = widthAt(width, 255) / 2 + 1
  return {
    left: Math.min(...xs) - edge,
    top: Math.min(...ys) - edge / tall,
    right: Math.max(...xs) + edge,
    bottom: Math.max(...ys) + edge / tall,
  }
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/** With points no further apart than `step`, so that an eraser smaller than a straight line cuts it where it went. */
function filled(points: readonly Point[], step: number, tall: number): Point[] {
  const dense: Point[] = points.slice(0, 1)
  for (let n = 1; n < points.length; n++) {
    const [a, b] = [points[n - 1]!, points[n]!]
    const parts = Math.max(1, Math.ceil(Math.hypot(b[0] - a[0], (b[1] - a[1]) * tall) / step))
    for (let part = 1; part <= parts; part++) {
      const t = part / parts
      dense.push(placed(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t))
    }
  }
  return dense
}

/** From a point to the line between two others. */
function distance(point: Point, from: Point, to: Point, tall: number): number {
  const [dx, dy] = [to[0] - from[0], (to[1] - from[1]) * tall]
  const [px, py] = [point[0] - from[0], (point[1] - from[1]) * tall]
  const length = dx * dx + dy * dy
  const along = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0
  return Math.hypot(px - along * dx, py - along * dy)
}

/** How far a point's pressure is from its neighbours'; a quarter of the scale is as much as the finest distance. */
function pressed(point: Point, from: Point, to: Point): number {
  return (Math.min(Math.abs(point[2] - from[2]), Math.abs(point[2] - to[2])) * FINE) / 40
}
