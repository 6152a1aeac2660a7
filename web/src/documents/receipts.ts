/** How far a paper has come on each tablet, for the secretary who watches. */
import type { MemberView, PaperView, ReceiptView } from '../contract.gen'
import { bySeat } from '../meetings/seats'
import type { Receipt } from '../ui/ReceiptMarks.svelte'

/** These read papers; a wall and a technician's screen only show or watch. */
const READERS = new Set<MemberView['role']>(['secretary', 'chair', 'delegate', 'operator', 'guest'])

/** Where each tablet stands with a paper. `lost`: it went away before it had everything. */
export interface Tablet {
  member: MemberView
  state: Receipt
  pages: number
  online: boolean
  /** When it last told of this paper. */
  at: string | null
}

export type Counts = Record<Receipt, number>

/** Members whose tablet takes part: it is there now, or has told of some paper before. The secretary who watches is not counted. */
export function tabletsOf(members: Iterable<MemberView>, receipts: Iterable<ReceiptView>, online: ReadonlySet<number>): MemberView[] {
  const known = new Set([...receipts].map((receipt) => receipt.member_id))
  return [...members]
    .filter((member) => READERS.has(member.role) && member.role !== 'secretary' && (online.has(member.id) || known.has(member.id)))
    .sort(bySeat)
}

/** Of one paper, on every tablet. What a tablet told of an earlier version says nothing about this one. */
export function progress(
  paper: Pick<PaperView, 'id' | 'version' | 'state'>,
  tablets: readonly MemberView[],
  receipts: Iterable<ReceiptView>,
  online: ReadonlySet<number>,
): Tablet[] {
  const told = new Map<number, ReceiptView>()
  for (const one of receipts) {
    const other = told.get(one.member_id)
    if (one.paper_id === paper.id && one.version === paper.version && (!other || one.at > other.at)) told.set(one.member_id, one)
  }
  return tablets.map((member) => {
    const receipt = told.get(member.id)
    const there = online.has(member.id)
    const state = stateOf(paper.state === 'withdrawn', receipt?.state, there)
    return { member, state, pages: receipt?.pages ?? 0, online: there, at: receipt?.at ?? null }
  })
}

function stateOf(withdrawn: boolean, told: ReceiptView['state'] | undefined, online: boolean): Receipt {
  if (withdrawn ? told === 'withdrawn' : told === 'opened' || told === 'complete') {
    return withdrawn ? 'withdrawn' : told === 'opened' ? 'opened' : 'full'
  }
  return online ? 'loading' : 'lost'
}

export function counts(tablets: readonly Tablet[]): Counts {
  const sum: Counts = { opened: 0, full: 0, loading: 0, withdrawn: 0, lost: 0 }
  for (const tablet of tablets) sum[tablet.state] += 1
  return sum
}
