/** The printed part of a page, so that small screens and the wall can leave its margins away. */

/** A part of a page, 0 to 1 of its width and height. */
export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 }

/** Darker than this (0 to 255) is print; scanned paper is never quite white. */
const PRINT = 200
/** A row or column is printed when more of it than this is dark: dust and punch holes are not print. */
const DUST = 0.01
/** Left around the print. */
const AIR = 0.012
/** A page of few words is not blown up: at least this much of its width stays. */
const LEAST_WIDTH = 0.76
/** Looked at in this width; fine enough for a line of print. */
const LOOK = 240

/** The part of an image that has print on it; the whole of it when there is none. */
export function printed({ data, width, height }: Pick<ImageData, 'data' | 'width' | 'height'>): Box {
  const rows = new Uint32Array(height)
  const columns = new Uint32Array(width)
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 4) {
      const light = Math.min(data[at]!, data[at + 1]!, data[at + 2]!)
      if (light < PRINT && data[at + 3]! > 127) {
        rows[y]!++
        columns[x]!++
      }
    }
  const across = extent(columns, height * DUST)
  const down = extent(rows, width * DUST)
  if (!across || !down) return WHOLE
  let [left, right] = [across[0] / width - AIR, across[1] / width + AIR]
  if (right - left < LEAST_WIDTH) {
    const middle = Math.min(1 - LEAST_WIDTH / 2, Math.max(LEAST_WIDTH / 2, (left + right) / 2))
    left = middle - LEAST_WIDTH / 2
    right = middle + LEAST_WIDTH / 2
  }
  left = Math.max(0, left)
  const top = Math.max(0, down[0] / height - AIR)
  return { x: left, y: top, width: Math.min(1, right) - left, height: Math.min(1, down[1] / height + AIR) - top }
}

/** The printed part of an image that is on the screen already. */
export function printedOf(image: HTMLImageElement): Box {
  const canvas = document.createElement('canvas')
  canvas.width = LOOK
  canvas.height = Math.round((LOOK * image.naturalHeight) / image.naturalWidth) || 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return WHOLE
  context.drawImage(image, 0, 0, canvas.width, canvas.height)
  return printed(context.getImageData(0, 0, canvas.width, canvas.height))
}

/** From the first to behind the last place with more than `least`. */
function extent(counts: Uint32Array, least: number): [number, number] | null {
  const first = counts.findIndex((count) => count > least)
  if (first < 0) return null
  let end = counts.length
  while (counts[end - 1]! <= least) end--
  return [first, end]
}
