/** Dragging a handle by mouse, pen or finger. */
import type { Attachment } from 'svelte/attachments'

export interface Drag {
  start(x: number, y: number): void
  move(x: number, y: number): void
  drop(): void
  cancel(): void
}

/** So far a pointer must go before a press becomes a drag, in px. */
const SLACK = 5
/** Within this distance of its edge a list scrolls along, so many px a frame. */
const EDGE = 48
const SCROLL = 9

/** Put on a handle; Escape gives the drag up. What is dragged is the affair of whoever is told. */
export function dragHandle(drag: Drag): Attachment<HTMLElement> {
  return (handle) => {
    let from: { x: number; y: number } | null = null
    let at = { x: 0, y: 0 }
    let going = false
    let frame = 0

    function pressed(event: PointerEvent): void {
      if (event.button !== 0) return
      from = at = { x: event.clientX, y: event.clientY }
      handle.setPointerCapture(event.pointerId)
    }

    function moved(event: PointerEvent): void {
      if (!from) return
      at = { x: event.clientX, y: event.clientY }
      if (!going && Math.hypot(at.x - from.x, at.y - from.y) < SLACK) return
      if (!going) {
        going = true
        drag.start(from.x, from.y)
        frame = requestAnimationFrame(follow)
        window.addEventListener('keydown', keyed, true)
      }
      drag.move(at.x, at.y)
    }

    function follow(): void {
      const list = scroller(handle)
      const box = list?.getBoundingClientRect()
      if (list && box) {
        const way = at.y < box.top + EDGE ? -SCROLL : at.y > box.bottom - EDGE ? SCROLL : 0
        const before = list.scrollTop
        list.scrollTop += way
        if (list.scrollTop !== before) drag.move(at.x, at.y)
      }
      frame = requestAnimationFrame(follow)
    }

    function end(kept: boolean): void {
      from = null
      if (!going) return
      going = false
      cancelAnimationFrame(frame)
      window.removeEventListener('keydown', keyed, true)
      if (kept) drag.drop()
      else drag.cancel()
    }

    function keyed(event: KeyboardEvent): void {
      if (event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      end(false)
    }

    const dropped = () => end(true)
    const lost = () => end(false)
    handle.style.touchAction = 'none'
    handle.addEventListener('pointerdown', pressed)
    handle.addEventListener('pointermove', moved)
    handle.addEventListener('pointerup', dropped)
    handle.addEventListener('pointercancel', lost)
    return () => {
      lost()
      handle.removeEventListener('pointerdown', pressed)
      handle.removeEventListener('pointermove', moved)
      handle.removeEventListener('pointerup', dropped)
      handle.removeEventListener('pointercancel', lost)
    }
  }
}

function scroller(element: HTMLElement | null): HTMLElement | null {
  for (let one = element?.parentElement ?? null; one; one = one.parentElement) {
    if (one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY)) return one
  }
  return null
}

/** A row that moves in the document loses the focus. Say `keep` before it moves and `restore` whenever rows have moved; a touch or
    another place's focus ends it. */
export class KeptFocus {
  #find: (() => HTMLElement | null | undefined) | null = null

  keep(find: () => HTMLElement | null | undefined): void {
    this.#find = find
    window.addEventListener('pointerdown', this.#end, { once: true, capture: true })
  }

  restore(): void {
    const lost = document.activeElement === null || document.activeElement === document.body
    if (this.#find && lost) this.#find()?.focus()
    else if (this.#find && document.activeElement !== this.#find()) this.#end()
  }

  readonly #end = (): void => {
    this.#find = null
  }
}

/** Before which row something dropped at `y` comes: how many rows have their middle above it. */
export function gapAt(y: number, rows: readonly { top: number; bottom: number }[]): number {
  return rows.filter((row) => (row.top + row.bottom) / 2 < y).length
}
