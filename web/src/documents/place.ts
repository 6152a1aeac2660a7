/** Where a reader is in a paper: the page, counted from 1, and the part of it at the upper edge of the view, in ten-thousandths of
    the page's height. So a half turn on one screen is the same place on another, whatever their sizes. */
export interface Place {
  page: number
  top: number
}

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

/** The place after a step. `turn` and `back` go by what fits the screen (half a page on a tablet), the others by whole pages. */
export function stepped(place: Place, step: Step, view: View, pages: number): Place {
  const top = Math.max(place.top, view.from)
  const lowest = Math.max(view.from, view.to - view.visible)
  const stride = Math.round(view.visible * (1 - OVERLAP))
  switch (step) {
    case 'turn':
      if (top < lowest - REST) return { page: place.page, top: Math.min(lowest, top + stride) }
      return onPage(place, place.page + 1, pages)
    case 'back':
      if (top > view.from + REST) return { page: place.page, top: Math.max(view.from, top - stride) }
      return place.page > 1 ? { page: place.page - 1, top: lowest } : place
    case 'next':
      return onPage(place, place.page + 1, pages)
    case 'previous':
      return onPage(place, place.page - 1, pages)
    case 'first':
      return { page: 1, top: 0 }
    case 'last':
      return { page: Math.max(1, pages), top: 0 }
  }
}

/** Nothing lies before the first page or behind the last. */
function onPage(place: Place, page: number, pages: number): Place {
  return page < 1 || page > pages ? place : { page, top: 0 }
}
