/** The pages of small pictures beside the stage. */

/** How many pictures stand on a page of the gallery on a screen so wide, in px: 2 × 2 on a phone, 4 × 2, 6 × 2 on a large screen. */
export function gallerySize(width: number): number {
  return width < 600 ? 4 : width < 1800 ? 8 : 12
}

/** Pages, of so many pictures each; at least one. */
export function pageCount(pictures: number, size: number): number {
  return Math.max(1, Math.ceil(pictures / size))
}

/** How far a finger goes before it has turned the page, in px, and how much more sideways than up or down. */
const SWIPE = 48
const SIDEWAYS = 1.5

/** Which way a finger turned the page that went so many px right and down: 1 onwards, -1 back, 0 not at all. */
export function swiped(dx: number, dy: number): -1 | 0 | 1 {
  if (Math.abs(dx) < SWIPE || Math.abs(dx) < Math.abs(dy) * SIDEWAYS) return 0
  return dx < 0 ? 1 : -1
}
