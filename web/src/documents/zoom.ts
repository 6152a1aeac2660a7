/** How large a page is: steps of the buttons, limits, and which image is sharp enough. */
import type { ImageView, TilesView } from '../contract.gen'

/** 1: as wide as it fits. */
export const LEAST = 1
/** Ordinary print at four times is larger than a hand; a map has details. */
const MOST = 4
const MOST_TILED = 8
/** A double tap enlarges so much. */
export const DOUBLE_TAP = 2.2
const STEPS = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6.5, 8]
/** An image may be stretched by this before a sharper one is worth fetching. */
const STRETCH = 1.15
/** Tiles so much beyond the view are there before a hand moves them in, in parts of the view. */
const AHEAD = 0.5

export function mostOf(tiles: TilesView | null | undefined): number {
  return tiles ? MOST_TILED : MOST
}

export function within(zoom: number, most: number): number {
  return Math.min(most, Math.max(LEAST, zoom))
}

/** The next step of a button or a key, up (+1) or down (-1). */
export function stepTo(zoom: number, way: 1 | -1, most: number): number {
  const step = way > 0 ? STEPS.find((one) => one > zoom * 1.02) : STEPS.filter((one) => one < zoom / 1.02).at(-1)
  return within(step ?? zoom, most)
}

/** Whether so many px on the screen (`ratio` device pixels each) ask for more than this image has. */
export function blurred(image: ImageView, px: number, ratio: number): boolean {
  return px * ratio > image.width * STRETCH
}

/** A part of a page, 0 to 1 of its width and height. */
export interface Part {
  left: number
  top: number
  right: number
  bottom: number
}

export interface Tile extends Part {
  sha256: string
}

/** The tiles that a view of the page touches, the nearest to its middle first. */
export function tilesIn({ columns, rows, edge, width, height, images }: TilesView, view: Part): Tile[] {
  const [across, down] = [(view.right - view.left) * AHEAD, (view.bottom - view.top) * AHEAD]
  const tiles: Tile[] = []
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const image = images[row * columns + column]
      const tile = {
        left: (column * edge) / width,
        top: (row * edge) / height,
        right: Math.min(1, ((column + 1) * edge) / width),
        bottom: Math.min(1, ((row + 1) * edge) / height),
      }
      const apart = tile.left > view.right + across || tile.right < view.left - across
      if (image && !apart && tile.top <= view.bottom + down && tile.bottom >= view.top - down) tiles.push({ sha256: image.sha256, ...tile })
    }
  const away = (tile: Part) => Math.hypot(tile.left + tile.right - view.left - view.right, tile.top + tile.bottom - view.top - view.bottom)
  return tiles.sort((a, b) => away(a) - away(b))
}
