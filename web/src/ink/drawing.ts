/** How a stroke looks on a canvas: smooth through the middles between its points, as wide as the pen was pressed. The export draws the
    same shape (meetroom/printing/strokes.py). */
import type { Colour, Mark } from '../contract.gen'
import { decode, type Point } from './coding'
import { type Box, boxOf, widthAt } from './stroke'

export const PEN_INKS: Record<Colour, string> = { blue: '#1b4f9c', black: '#14201e', green: '#23613a', yellow: '#7a4e00' }
/** Light enough that print stays black under them: they are multiplied with the page. */
export const MARKER_INKS: Record<Colour, string> = { yellow: '#ffe89a', green: '#c4e8c0', blue: '#c3dcf7', black: '#d2dad4' }

export interface Look {
  kind: Mark['kind']
  colour: Colour
  width: number
}

/** Widths closer than this part of the pen's are drawn in one go. */
const STEP = 1 / 12

function inkOf({ kind, colour }: Look): string {
  return (kind === 'highlighter' ? MARKER_INKS : PEN_INKS)[colour]
}

interface Shape {
  points: Point[]
  box: Box
}

const shapes = new WeakMap<Mark, Shape>()

/** A mark's points and place; looked up often, decoded once. */
export function shapeOf(mark: Mark, tall: number): Shape {
  let shape = shapes.get(mark)
  if (!shape) {
    const points = decode(mark.points)
    shape = { points, box: boxOf(points, mark.width, tall) }
    shapes.set(mark, shape)
  }
  return shape
}

/** Draw the part of a stroke from its point `from` on. The canvas is scaled to ten-thousandths of the page, `across` and `down`. */
export function draw(to: CanvasRenderingContext2D, points: readonly Point[], look: Look, scale: { across: number; down: number }, from = 0): void {
  const { across, down } = scale
  const width = (pressure: number) => (look.kind === 'highlighter' ? look.width : Math.round(widthAt(look.width, pressure) / (look.width * STEP)) * look.width * STEP)
  to.strokeStyle = to.fillStyle = inkOf(look)
  to.lineCap = to.lineJoin = 'round'
  const first = points[0]
  if (!first) return
  if (points.length === 1) {
    to.beginPath()
    to.arc(first[0] * across, first[1] * down, (width(first[2]) * across) / 2, 0, 7)
    to.fill()
    return
  }
  let drawn = -1
  for (let n = Math.max(1, from); n < points.length; n++) {
    const [start, point, next] = [middle(points, n - 1), points[n]!, points[n + 1]]
    const wide = width(point[2])
    if (wide !== drawn) {
      if (drawn >= 0) to.stroke()
      to.beginPath()
      to.lineWidth = wide * across
      to.moveTo(start[0] * across, start[1] * down)
      drawn = wide
    }
    if (next) to.quadraticCurveTo(point[0] * across, point[1] * down, ((point[0] + next[0]) / 2) * across, ((point[1] + next[1]) / 2) * down)
    else to.lineTo(point[0] * across, point[1] * down)
  }
  if (drawn >= 0) to.stroke()
}

/** Where the piece of line after point `n` begins: half-way to the next, the first at its own place. */
function middle(points: readonly Point[], n: number): readonly [number, number] {
  const [a, b] = [points[n]!, points[n + 1]!]
  return n ? [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] : [a[0], a[1]]
}
