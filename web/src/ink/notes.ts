/** Notes as people see them: their own, what others share with them, and instructions, in one list. */
import type { MarkView, MemberView, PaperView } from '../contract.gen'
import type { LocalMark } from './disk'

export interface Note {
  /** Of a list: own marks by key, others' by number. */
  id: string
  kind: 'note' | 'instruction'
  mine: boolean
  shared: boolean
  paperId: number
  image: string
  page: number
  x: number
  y: number
  text: string
  /** Milliseconds since 1970. */
  at: number
  withdrawnAt: number | null
  by: MemberView | undefined
  /** The number by which the server knows a shared one. */
  number: number | null
}

/** Somebody's own notes, and what is shared: one's own shared ones are in both and appear once. */
export function notesOf(own: readonly LocalMark[], shared: Iterable<MarkView>, members: ReadonlyMap<number, MemberView>, me: MemberView | undefined): Note[] {
  const notes: Note[] = own.filter(({ kind }) => kind === 'note').map((mark) => ({
    id: mark.key, kind: 'note', mine: true, shared: mark.shared, paperId: mark.paper_id, image: mark.image, page: mark.page,
    x: mark.x, y: mark.y, text: mark.text, at: mark.at, withdrawnAt: null, by: me, number: null,
  })) // prettier-ignore
  for (const mark of shared) {
    const mine = mark.member_id === me?.id
    if (mine && mark.kind !== 'instruction') continue
    notes.push({
      id: `${mark.id}`, kind: mark.kind === 'instruction' ? 'instruction' : 'note', mine, shared: true, paperId: mark.paper_id, image: mark.image,
      page: mark.page, x: mark.x, y: mark.y, text: mark.text, at: Date.parse(mark.at), number: mark.id,
      withdrawnAt: mark.withdrawn_at ? Date.parse(mark.withdrawn_at) : null, by: members.get(mark.member_id),
    }) // prettier-ignore
  }
  return notes
}

/** As they stand on a page: from the top. */
export function byPlace(notes: readonly Note[]): Note[] {
  return [...notes].sort((a, b) => a.y - b.y || a.x - b.x || a.at - b.at)
}

/** As they stand in the meeting's papers. */
export function byPaper(notes: readonly Note[], papers: readonly Pick<PaperView, 'id'>[]): Note[] {
  const place = new Map(papers.map(({ id }, index) => [id, index]))
  return notes
    .filter(({ paperId }) => place.has(paperId))
    .sort((a, b) => place.get(a.paperId)! - place.get(b.paperId)! || a.page - b.page || a.y - b.y || a.at - b.at)
}

/** Where the notes beside a page go, so that none covers another: each as near to its place as those above allow. `heights` and the
    result in px. */
export function stacked(wanted: readonly number[], heights: readonly number[], gap: number, most: number): number[] {
  const tops: number[] = []
  let end = 0
  wanted.forEach((top, n) => {
    tops.push(Math.max(top, end))
    end = tops[n]! + heights[n]! + gap
  })
  // What reached below the page moves up again, as far as there is room.
  for (let n = tops.length - 1, floor = most; n >= 0; n--) {
    tops[n] = Math.max(0, Math.min(tops[n]!, floor - heights[n]!))
    floor = tops[n]! - gap
  }
  return tops
}
