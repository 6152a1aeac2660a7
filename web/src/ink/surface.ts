/** The canvases over one page: highlighters, pens, and the stroke that is being drawn. Only what changed is drawn anew. A canvas is
    made when there is something for it to show. */
import type { Point } from './coding'
import type { LocalMark } from './disk'
import { draw, type Look, shapeOf } from './drawing'
import { type Box, boxOf, overlap } from './stroke'

/** No canvas is wider, device px: sharper than this a page image is not either. */
const MOST_PX = 2560

interface Layer {
  canvas: HTMLCanvasElement
  to: CanvasRenderingContext2D
  shown: Map<string, LocalMark>
}

type Name = 'marker' | 'pen' | 'live'

export class Surface {
  readonly #layers: Partial<Record<Name, Layer>> = {}
  #width = 0
  #height = 0
  #marks: readonly LocalMark[] = []
  /** How many points of the stroke are drawn, and where its end is. */
  #live: { drawn: number; tip: Box | null } | null = null

  constructor(
    private readonly place: HTMLElement,
    private readonly tall: number,
  ) {}

  /** The page is `width` CSS px wide now. */
  resize(width: number): void {
    const wide = Math.min(MOST_PX, Math.round(width * devicePixelRatio))
    if (!wide || wide === this.#width) return
    this.#width = wide
    this.#height = Math.round(wide * this.tall)
    for (const layer of Object.values(this.#layers)) {
      this.#size(layer)
      layer.shown.clear()
    }
    this.show(this.#marks)
    this.#live = null
  }

  /** These are the strokes of the page. */
  show(marks: readonly LocalMark[]): void {
    this.#marks = marks
    if (!this.#width) return
    this.#update('marker', marks.filter(({ kind }) => kind === 'highlighter'))
    this.#update('pen', marks.filter(({ kind }) => kind === 'pen'))
  }

  /** The stroke under the pen, with the points the browser expects next; they are taken back by the next call. */
  live(points: readonly Point[], expected: readonly Point[], look: Look): void {
    const layer = this.#layer('live')
    if (!layer) return
    layer.canvas.classList.toggle('marker', look.kind === 'highlighter')
    const live = (this.#live ??= { drawn: 0, tip: null })
    if (live.tip) {
      // What was only expected, and the end that is no end any more.
      layer.to.save()
      this.#clear(layer, live.tip)
      draw(layer.to, points, look, this.#scale)
      layer.to.restore()
    }
    draw(layer.to, points, look, this.#scale, Math.max(0, live.drawn - 1))
    const end = points.slice(-2)
    live.tip = boxOf([...end, ...expected], look.width, this.tall)
    if (expected.length) draw(layer.to, [...end, ...expected], look, this.#scale)
    live.drawn = points.length
  }

  /** The pen was lifted. */
  settle(): void {
    this.#live = null
    const layer = this.#layers.live
    layer?.to.clearRect(0, 0, this.#width, this.#height)
  }

  close(): void {
    for (const { canvas } of Object.values(this.#layers)) canvas.remove()
  }

  get #scale(): { across: number; down: number } {
    return { across: this.#width / 10_000, down: this.#height / 10_000 }
  }

  #layer(name: Name): Layer | null {
    const there = this.#layers[name]
    if (there || !this.#width) return there ?? null
    const canvas = document.createElement('canvas')
    const to = canvas.getContext('2d', name === 'live' ? { desynchronized: true } : undefined)
    if (!to) return null
    canvas.className = name
    const layer: Layer = { canvas, to, shown: new Map() }
    this.#size(layer)
    if (name === 'marker') this.place.prepend(canvas)
    else this.place.append(canvas)
    this.#layers[name] = layer
    return layer
  }

  #size({ canvas }: Layer): void {
    canvas.width = this.#width
    canvas.height = this.#height
  }

  #update(name: Name, marks: readonly LocalMark[]): void {
    if (!marks.length && !this.#layers[name]) return
    const layer = this.#layer(name)
    if (!layer) return
    const now = new Map(marks.map((mark) => [mark.key, mark]))
    const gone = [...layer.shown.values()].filter((mark) => !same(now.get(mark.key), mark))
    const come = marks.filter((mark) => !same(layer.shown.get(mark.key), mark))
    layer.shown = now
    if (gone.length) {
      const boxes = gone.map((mark) => shapeOf(mark, this.tall).box)
      const again = marks.filter((mark) => boxes.some((box) => overlap(box, shapeOf(mark, this.tall).box)))
      layer.to.save()
      this.#clear(layer, ...boxes)
      for (const mark of again) this.#draw(layer, mark)
      layer.to.restore()
    }
    for (const mark of come) this.#draw(layer, mark)
  }

  #draw({ to }: Layer, mark: LocalMark): void {
    draw(to, shapeOf(mark, this.tall).points, mark, this.#scale)
  }

  /** Empty these places and let nothing be drawn outside of them until `restore`. */
  #clear({ to }: Layer, ...boxes: readonly Box[]): void {
    const { across, down } = this.#scale
    to.beginPath()
    for (const box of boxes) {
      const [x, y] = [Math.floor(box.left * across) - 1, Math.floor(box.top * down) - 1]
      const [width, height] = [Math.ceil(box.right * across) + 1 - x, Math.ceil(box.bottom * down) + 1 - y]
      to.clearRect(x, y, width, height)
      to.rect(x, y, width, height)
    }
    to.clip()
  }
}

/** Looks alike; whether the server has it changes nothing here. */
function same(a: LocalMark | undefined, b: LocalMark): boolean {
  return !!a && (a === b || (a.points === b.points && a.colour === b.colour && a.width === b.width && a.kind === b.kind))
}
