/** Where a reader is in a paper: the page, counted from 1, the part of it at the upper and left edge of the view, in ten-thousandths
    of the page's height and width, and how large it is, per cent of what fits. So a half turn on one screen is the same place on
    another, whatever their sizes. */
export interface Place {
  page: number
  top: number
  left: number
  zoom: number
}

export const START: Place = { page: 1, top: 0, left: 0, zoom: 100 }

/** What a screen shows of a page, in the same units: from where to where it can be seen at all, and how much at once. */
export interface View {
  from: number
  to: number
  visible: number
}

export type Step = 'turn' | 'back' | 'next' | 'previous' | 'first' | 'last'

/** A turn leaves this part of what was seen in view, so that the eye finds the line again. */
const OVERLAP = 0.08
/** Less than this is not worth a turn of its own. */
const REST = 300

/** The place after a step. `turn` and `back` go by what fits the screen (half a page on a tablet), the others by whole pages, or by
    `spread` pages where so many lie side by side. What is enlarged stays so. */
export function stepped(place: Place, step: Step, view: View, pages: number, spread = 1): Place {
  const onPage = (page: number): Place => {
    const first = spreadOf(page, spread)
    return page < 1 || first > pages ? place : { ...place, page: first, top: 0 }
  }
  const here = spreadOf(place.page, spread)
  const top = Math.max(place.top, view.from)
  const lowest = Math.max(view.from, view.to - view.visible)
  const stride = Math.round(view.visible * (1 - OVERLAP))
  switch (step) {
    case 'turn':
      if (top < lowest - REST) return { ...place, top: Math.min(lowest, top + stride) }
      return onPage(here + spread)
    case 'back':
      if (top > view.from + REST) return { ...place, top: Math.max(view.from, top - stride) }
      return here > 1 ? { ...place, page: here - spread, top: lowest } : place
    case 'next':
      return onPage(here + spread)
    case 'previous':
      return onPage(here - spread)
    case 'first':
      return onPage(1)
    case 'last':
      return onPage(Math.max(1, pages))
  }
}

/** The first of the pages that lie side by side with this one. */
export function spreadOf(page: number, spread: number): number {
  return page - ((page - 1) % spread)
}

export function samePlace(a: Place, b: Place): boolean {
  return a.page === b.page && a.top === b.top && a.left === b.left && a.zoom === b.zoom
}
