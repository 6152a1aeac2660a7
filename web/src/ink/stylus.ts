/** From pointer events to strokes: whose hand it is, the stroke while it grows, and what it becomes at pen-up. */
import type { Mark } from '../contract.gen'
import { encode, MOST_POINTS, type Point } from './coding'
import type { LocalMark } from './disk'
import { shapeOf } from './drawing'
import { judge } from './hand'
import { cut, hits, onPage, overlap, placed, steadied, thinned } from './stroke'
import type { Surface } from './surface'
import { ERASER, type Tools } from './tools.svelte'

/** Where the strokes go, and what the page is. */
export interface Sheet {
  image: string
  page: number
  paperId: number
  tall: number
  marks(): readonly LocalMark[]
  write(marks: readonly Mark[], erased?: readonly string[]): void
  /** A note is wanted here. */
  note(x: number, y: number): void
}

/** A mouse and a finger press evenly. */
const EVEN = 128
/** A tap moves less than this, in ten-thousandths of the page's width. */
const TAP = 120

/** For the element that covers the page. `host`, around it, hears a pen even when no tool was taken. Returns how to stop. */
export function stylus(place: HTMLElement, host: HTMLElement, sheet: Sheet, surface: Surface, tools: Tools): () => void {
  let going: number | null = null
  let points: Point[] = []
  let expected: Point[] = []
  let frame = 0
  /** What the eraser has left of the page so far; null: not erasing. */
  let left: LocalMark[] | null = null

  function at(event: PointerEvent, before: Point | undefined): Point {
    const { left, top, width, height } = place.getBoundingClientRect()
    const pressure = event.pointerType === 'pen' ? event.pressure * 255 : EVEN
    const [x, y] = [((event.clientX - left) / width) * 10_000, ((event.clientY - top) / height) * 10_000]
    return event.pointerType === 'pen' ? placed(x, y, pressure) : steadied(before, x, y, pressure)
  }

  function down(event: PointerEvent): void {
    const verdict = judge(event, tools.hand, performance.now())
    if (event.pointerType === 'pen' && verdict === 'draw') {
      tools.pen(true)
      if (tools.tool === 'none') tools.take('pen')
      // A palm was there first: what it drew was no stroke.
      if (going !== null) drop()
    }
    if (verdict === 'pass') {
      // The second finger: they enlarge, and the first has not drawn.
      if (event.pointerType === 'touch' && going !== null) drop()
      return
    }
    event.preventDefault()
    event.stopPropagation()
    if (verdict === 'ignore' || going !== null) return
    going = event.pointerId
    place.setPointerCapture(going)
    points = [at(event, undefined)]
    expected = []
    if (erasing(event)) {
      left = [...sheet.marks()]
      erase(points)
    } else if (tools.tool !== 'note') soon()
  }

  function move(event: PointerEvent): void {
    if (event.pointerId !== going) return
    const events = event.getCoalescedEvents?.() ?? []
    const fresh: Point[] = []
    for (const one of events.length ? events : [event]) fresh.push(at(one, fresh.at(-1) ?? points.at(-1)))
    points.push(...fresh)
    if (left) erase(fresh)
    else if (tools.tool !== 'note') {
      expected = (event.getPredictedEvents?.() ?? []).slice(0, 2).map((one) => at(one, points.at(-1)))
      if (points.length >= MOST_POINTS) {
        finish()
        points = points.slice(-1)
      }
      soon()
    }
  }

  function up(event: PointerEvent): void {
    if (event.pointerType === 'pen') tools.pen(false)
    if (event.pointerId !== going) return
    if (event.type === 'pointercancel') drop()
    else if (left) {
      const before = sheet.marks()
      const kept = new Set(left.map(({ key }) => key))
      const were = new Set(before.map(({ key }) => key))
      sheet.write(left.filter(({ key }) => !were.has(key)), before.filter(({ key }) => !kept.has(key)).map(({ key }) => key)) // prettier-ignore
    } else if (tools.tool === 'note') tapped()
    else finish()
    end()
  }

  function tapped(): void {
    const [x, y] = points[0]!
    if (points.every((one) => Math.hypot(one[0] - x, (one[1] - y) * sheet.tall) < TAP)) sheet.note(x, y)
  }

  function finish(): void {
    const look = tools.look
    sheet.write(onPage(points).map((part) => ({ ...blank(sheet), ...look, points: encode(thinned(part, sheet.tall)) })))
    surface.settle()
  }

  function end(): void {
    cancelAnimationFrame(frame)
    frame = 0
    going = left = null
    points = []
  }

  function drop(): void {
    end()
    surface.settle()
    surface.show(sheet.marks())
  }

  function soon(): void {
    frame ||= requestAnimationFrame(() => {
      frame = 0
      surface.live(points, expected, tools.look)
    })
  }

  /** The eraser, or the other end of a pen. */
  function erasing(event: PointerEvent): boolean {
    return tools.tool === 'eraser' || (event.pointerType === 'pen' && (event.buttons & 32) !== 0)
  }

  function erase(path: readonly Point[]): void {
    for (const [x, y] of path)
      left = left!.flatMap((mark) => {
        if (mark.kind === 'note') return [mark]
        const { points, box } = shapeOf(mark, sheet.tall)
        const reach = { left: x - ERASER, right: x + ERASER, top: y - ERASER / sheet.tall, bottom: y + ERASER / sheet.tall }
        if (!overlap(box, reach)) return [mark]
        if (tools.whole) return hits(points, mark.width, x, y, ERASER, sheet.tall) ? [] : [mark]
        const pieces = cut(points, x, y, ERASER + mark.width / 2, sheet.tall)
        return pieces ? pieces.map((piece) => ({ ...mark, key: crypto.randomUUID(), points: encode(piece) })) : [mark]
      })
    surface.show(left!)
  }

  /** A pen near the page takes the browser's panning away before it touches. */
  function near(event: PointerEvent): void {
    if (event.pointerType === 'pen') host.style.touchAction = event.type === 'pointerleave' ? '' : 'none'
  }

  /** What draws is no swipe and scrolls nothing; nor does a palm beside the pen. (A pointer is heard before its touch.) */
  function touched(event: TouchEvent): void {
    if (going === null && tools.penUp !== Infinity) return
    if (event.cancelable) event.preventDefault()
    event.stopPropagation()
  }

  host.addEventListener('pointerdown', down)
  host.addEventListener('pointerenter', near)
  host.addEventListener('pointerleave', near)
  host.addEventListener('touchstart', touched, { passive: false })
  place.addEventListener('pointermove', move)
  place.addEventListener('pointerup', up)
  place.addEventListener('pointercancel', up)
  return () => {
    // Somebody else turned the page under the pen: what was drawn by then stays.
    if (going !== null && !left && tools.tool !== 'note') finish()
    cancelAnimationFrame(frame)
    host.style.touchAction = ''
    host.removeEventListener('pointerdown', down)
    host.removeEventListener('pointerenter', near)
    host.removeEventListener('pointerleave', near)
    host.removeEventListener('touchstart', touched)
    place.removeEventListener('pointermove', move)
    place.removeEventListener('pointerup', up)
    place.removeEventListener('pointercancel', up)
  }
}

/** A new mark on that page, still without anything. */
export function blank({ image, page, paperId }: Pick<Sheet, 'image' | 'page' | 'paperId'>): Mark {
  return { key: crypto.randomUUID(), kind: 'pen', paper_id: paperId, image, page, colour: 'blue', width: 0, points: '', x: 0, y: 0, text: '', shared: false }
}
