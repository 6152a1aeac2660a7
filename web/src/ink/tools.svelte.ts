/** What the hand holds: a pen, a highlighter, an eraser, a note, or nothing. Remembered on this device. */
import type { Colour } from '../contract.gen'
import type { Hand } from './hand'

export type Tool = 'none' | 'pen' | 'highlighter' | 'eraser' | 'note'

/** Ten-thousandths of the page's width: 10 is a tenth of a millimetre and a little more on A4. */
export const PEN_WIDTHS = [18, 30, 52] as const
export const MARKER_WIDTHS = [170, 260] as const
export const PEN_COLOURS = ['blue', 'black', 'green'] as const satisfies readonly Colour[]
export const MARKER_COLOURS = ['yellow', 'green', 'blue'] as const satisfies readonly Colour[]
export const ERASER = 130

const KEY = 'meetroom.ink.tools'

export class Tools {
  tool = $state<Tool>('none')
  penColour = $state<Colour>('blue')
  penWidth = $state<number>(PEN_WIDTHS[1])
  markerColour = $state<Colour>('yellow')
  markerWidth = $state<number>(MARKER_WIDTHS[0])
  /** The eraser takes whole strokes, or only what it goes over. */
  whole = $state(true)
  /** Fingers draw; else they scroll. */
  finger = $state(true)
  penSeen = $state(false)
  penUp = 0

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null = localStorage) {
    try {
      const kept = JSON.parse(this.storage?.getItem(KEY) ?? '{}') as Partial<Tools>
      if (PEN_COLOURS.some((one) => one === kept.penColour)) this.penColour = kept.penColour!
      if (PEN_WIDTHS.some((one) => one === kept.penWidth)) this.penWidth = kept.penWidth!
      if (MARKER_COLOURS.some((one) => one === kept.markerColour)) this.markerColour = kept.markerColour!
      if (MARKER_WIDTHS.some((one) => one === kept.markerWidth)) this.markerWidth = kept.markerWidth!
      this.whole = kept.whole !== false
      this.finger = kept.finger !== false
      this.penSeen = kept.penSeen === true
    } catch {
      // Nothing kept, or nothing that can be read.
    }
  }

  get hand(): Hand {
    return { tool: this.tool, finger: this.finger, penSeen: this.penSeen, penUp: this.penUp }
  }

  /** What a stroke drawn now looks like. */
  get look(): { kind: 'pen' | 'highlighter'; colour: Colour; width: number } {
    return this.tool === 'highlighter'
      ? { kind: 'highlighter', colour: this.markerColour, width: this.markerWidth }
      : { kind: 'pen', colour: this.penColour, width: this.penWidth }
  }

  take(tool: Tool): void {
    this.tool = tool
    this.keep()
  }

  /** A pen came: from now on fingers scroll. */
  pen(down: boolean): void {
    this.penUp = down ? Infinity : performance.now()
    if (this.penSeen) return
    this.penSeen = true
    this.keep()
  }

  keep(): void {
    const { penColour, penWidth, markerColour, markerWidth, whole, finger, penSeen } = this
    try {
      this.storage?.setItem(KEY, JSON.stringify({ penColour, penWidth, markerColour, markerWidth, whole, finger, penSeen }))
    } catch {
      // Full or forbidden: the next visit begins with the usual pen.
    }
  }
}
