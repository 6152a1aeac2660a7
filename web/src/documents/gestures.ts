/** What fingers and a mouse do to a page: swipe, pinch, tap at an edge, double tap. Scrolling is the browser's own. */

export interface Gestures {
  /** A tool has the page: one finger and the mouse are not ours. */
  held(): boolean
  /** Fingers pan an enlarged page, so that they cannot turn it. */
  zoomed(): boolean
  /** The page follows a swiping finger, `dx` px from where it was. */
  drag(dx: number): void
  /** The finger was lifted. +1: to the next page, -1: to the one before, 0: back to its place. */
  swipe(direction: -1 | 0 | 1): void
  /** A tap at the right (+1) or left (-1) edge. */
  tapEdge(direction: -1 | 1): void
  /** Two fingers, or the wheel with Ctrl, have spread by `scale` since they began at `at`; they are at `to` now. */
  pinch(scale: number, at: Spot, to: Spot): void
  /** They were lifted: as it is now it stays. */
  release(): void
  /** Enlarge here, or back to the whole. */
  doubleTap(at: Spot): void
}

/** A point of the screen. */
interface Spot {
  x: number
  y: number
}

/** A finger has decided on a direction after so many px. */
const DECIDED = 10
/** A swipe turns the page after this part of its width, or earlier when it is quick (px per ms). */
const TURN_PART = 0.22
const TURN_SPEED = 0.45
/** Each edge of this width turns at a tap, at least so many px. */
const EDGE_PART = 0.14
const EDGE_LEAST = 48
const DOUBLE_MS = 320
const DOUBLE_PX = 28
/** A wheel has come to rest after this time. */
const WHEEL_MS = 160

interface Finger {
  id: number
  x: number
  y: number
  at: number
  way: 'open' | 'turning' | 'scrolling'
}

/** For `{@attach gestures({ … })}`. */
export function gestures(on: Gestures): (place: HTMLElement) => () => void {
  return (place) => {
    let finger: Finger | null = null
    let spread: { apart: number; at: Spot } | null = null
    let wheeled: { scale: number; at: Spot; rest: ReturnType<typeof setTimeout> } | null = null
    let lastTap = { x: 0, y: 0, at: -DOUBLE_MS }

    function down(event: TouchEvent): void {
      if (event.touches.length === 2) {
        event.preventDefault()
        if (finger?.way === 'turning') on.swipe(0)
        finger = null
        spread = { apart: distance(event.touches), at: between(event.touches) }
      } else if (event.touches.length === 1) {
        const { identifier, clientX, clientY } = event.touches[0]!
        finger = { id: identifier, x: clientX, y: clientY, at: event.timeStamp, way: on.held() || on.zoomed() ? 'scrolling' : 'open' }
      }
    }

    function move(event: TouchEvent): void {
      if (event.touches.length === 2 && spread) {
        event.preventDefault()
        on.pinch(distance(event.touches) / spread.apart, spread.at, between(event.touches))
        return
      }
      const touch = event.touches[0]
      if (!finger || touch?.identifier !== finger.id || finger.way === 'scrolling') return
      const [dx, dy] = [touch.clientX - finger.x, touch.clientY - finger.y]
      if (finger.way === 'open') {
        if (Math.max(Math.abs(dx), Math.abs(dy)) < DECIDED) return
        finger.way = Math.abs(dx) > 1.2 * Math.abs(dy) ? 'turning' : 'scrolling'
      }
      if (finger.way !== 'turning') return
      event.preventDefault()
      on.drag(dx)
    }

    function up(event: TouchEvent): void {
      if (event.touches.length < 2 && spread) {
        spread = null
        on.release()
      }
      if (finger?.way === 'turning') {
        const dx = (event.changedTouches[0]?.clientX ?? finger.x) - finger.x
        const far = Math.abs(dx) > place.clientWidth * TURN_PART
        const quick = Math.abs(dx) / (event.timeStamp - finger.at || 1) > TURN_SPEED
        on.swipe(event.type === 'touchend' && (far || quick) ? (dx < 0 ? 1 : -1) : 0)
      }
      finger = null
    }

    function click(event: MouseEvent): void {
      // A drag of the mouse that has selected words is no tap.
      if (on.held() || getSelection()?.type === 'Range') return
      const { left, width } = place.getBoundingClientRect()
      const edge = Math.max(EDGE_LEAST, width * EDGE_PART)
      const { clientX: x, clientY: y, timeStamp: at } = event
      if (x < left + edge || x > left + width - edge) {
        on.tapEdge(x < left + edge ? -1 : 1)
        return
      }
      const double = at - lastTap.at < DOUBLE_MS && Math.hypot(x - lastTap.x, y - lastTap.y) < DOUBLE_PX
      lastTap = double ? { x, y, at: -DOUBLE_MS } : { x, y, at }
      if (double) on.doubleTap({ x, y })
    }

    function wheel(event: WheelEvent): void {
      if (!event.ctrlKey) return
      event.preventDefault()
      const to = { x: event.clientX, y: event.clientY }
      if (wheeled) clearTimeout(wheeled.rest)
      const scale = (wheeled?.scale ?? 1) * Math.exp(-event.deltaY / 300)
      wheeled = { scale, at: wheeled?.at ?? to, rest: setTimeout(stopped, WHEEL_MS) }
      on.pinch(scale, wheeled.at, wheeled.at)
    }

    function stopped(): void {
      wheeled = null
      on.release()
    }

    const active = { passive: false }
    place.addEventListener('touchstart', down, active)
    place.addEventListener('touchmove', move, active)
    place.addEventListener('touchend', up)
    place.addEventListener('touchcancel', up)
    place.addEventListener('click', click)
    place.addEventListener('wheel', wheel, active)
    return () => {
      if (wheeled) clearTimeout(wheeled.rest)
      place.removeEventListener('touchstart', down)
      place.removeEventListener('touchmove', move)
      place.removeEventListener('touchend', up)
      place.removeEventListener('touchcancel', up)
      place.removeEventListener('click', click)
      place.removeEventListener('wheel', wheel)
    }
  }
}

function distance(touches: TouchList): number {
  return Math.hypot(touches[0]!.clientX - touches[1]!.clientX, touches[0]!.clientY - touches[1]!.clientY)
}

function between(touches: TouchList): Spot {
  return { x: (touches[0]!.clientX + touches[1]!.clientX) / 2, y: (touches[0]!.clientY + touches[1]!.clientY) / 2 }
}
