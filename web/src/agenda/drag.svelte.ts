/** Dragging an item of the agenda to another place of the tree: up and down for the order, left and right for the level. */
import type { Attachment } from 'svelte/attachments'
import { dragHandle, gapAt } from '../ui/drag'
import { branch, drop, type Place, type Row } from './tree'

/** How far a level is indented, in px. */
const INDENT = 20
/** Where the title of a top-level item begins, in px. */
const LEFT = 52

export class TreeDrag {
  readonly #rows: () => readonly Row[]
  readonly #list: () => HTMLElement | undefined
  readonly #ondrop: (id: number, place: Place) => unknown
  /** The item in hand with everything under it. */
  dragged = $state.raw<ReadonlySet<number>>(new Set())
  /** Where it would come to lie, in px within the list; null while it would change nothing. */
  line = $state.raw<{ top: number; left: number } | null>(null)
  #target: Place | null = null

  constructor(rows: () => readonly Row[], list: () => HTMLElement | undefined, ondrop: (id: number, place: Place) => unknown) {
    this.#rows = rows
    this.#list = list
    this.#ondrop = ondrop
  }

  /** What to put on the handle of an item. */
  handle(id: number): Attachment<HTMLElement> {
    let startX = 0
    return dragHandle({
      start: (x) => {
        startX = x
        this.dragged = new Set(branch(this.#rows(), id).map((row) => row.item.id))
      },
      move: (x, y) => this.#move(id, x - startX, y),
      drop: () => {
        const target = this.#target
        this.#end()
        if (target) void this.#ondrop(id, target)
      },
      cancel: () => this.#end(),
    })
  }

  #move(id: number, dx: number, y: number): void {
    const list = this.#list()
    const rows = this.#rows()
    const own = rows.find((row) => row.item.id === id)
    if (!list || !own) return this.#end()
    const boxes = rows.flatMap((row) => {
      const box = this.dragged.has(row.item.id) ? null : list.querySelector(`[data-item="${row.item.id}"]`)?.getBoundingClientRect()
      return box ? [box] : []
    })
    const gap = gapAt(y, boxes)
    const place = drop(rows, id, gap, own.depth + Math.round(dx / INDENT))
    const stays = place?.parent_id === own.item.parent_id && place.index === own.index
    this.#target = place && !stays ? { parent_id: place.parent_id, index: place.index } : null
    const edge = boxes[gap]?.top ?? boxes.at(-1)?.bottom
    const base = list.getBoundingClientRect().top - list.scrollTop
    this.line = place && edge !== undefined ? { top: edge - base, left: LEFT + place.depth * INDENT } : null
  }

  #end(): void {
    this.dragged = new Set()
    this.line = null
    this.#target = null
  }
}
