/** Whose touch is a hand's and whose a palm's. A pen draws whenever it comes; fingers draw only where chosen, and never once a pen has
    been seen; a mouse draws with its main button. */
import type { Tool } from './tools.svelte'

export interface Touch {
  pointerType: string
  /** The first of its kind: the second finger is none. */
  isPrimary: boolean
  button: number
  /** The contact in px; a palm is wide. 0 where the browser does not say. */
  width: number
}

export interface Hand {
  tool: Tool
  /** Fingers were chosen for drawing. */
  finger: boolean
  penSeen: boolean
  /** When the pen last left the page, ms; Infinity while it is on it. */
  penUp: number
}

/** draw: the tool's; pass: the reader's, which scrolls and turns; ignore: a palm, nobody's. */
export type Verdict = 'draw' | 'pass' | 'ignore'

/** A palm leaves the glass later than the pen. */
const PALM_MS = 500
/** No finger tip is so wide, px. */
const PALM_PX = 60

export function judge(touch: Touch, hand: Hand, now: number): Verdict {
  switch (touch.pointerType) {
    case 'pen':
      return touch.button <= 0 || touch.button === 5 ? 'draw' : 'ignore'
    case 'touch':
      if (hand.penSeen && now - hand.penUp < PALM_MS) return 'ignore'
      if (hand.tool === 'none') return 'pass'
      if (hand.tool === 'note') return touch.isPrimary ? 'draw' : 'pass'
      if (hand.penSeen || !hand.finger) return 'pass'
      if (touch.width > PALM_PX) return 'ignore'
      return touch.isPrimary ? 'draw' : 'pass'
    default:
      return hand.tool !== 'none' && touch.button === 0 ? 'draw' : 'pass'
  }
}
