/** What a meeting has before it opens, and the first thing each part lacks. */
import type { MemberView, PaperView, PointView, VoteView } from '../contract.gen'
import type { Row } from '../agenda/tree'
import type { View } from './ConsoleHeader.svelte'

interface Prepared {
  rows: readonly Row[]
  papers: readonly Pick<PaperView, 'state'>[]
  votes: readonly Pick<VoteView, 'item_id'>[]
  members: readonly Pick<MemberView, 'role' | 'votes' | 'seat' | 'point_id'>[]
  points: readonly Pick<PointView, 'id'>[]
}

export interface Check {
  what: 'items' | 'papers' | 'votes' | 'voters' | 'chair' | 'points' | 'walls'
  count: number
  missing: 'items' | 'refused' | 'preparing' | 'vote' | 'voters' | 'seats' | 'chair' | 'operators' | 'wall' | null
  /** How many lack it. */
  lacking: number
  view: View
}

export function readiness({ rows, papers, votes, members, points }: Prepared): Check[] {
  const refused = papers.filter((paper) => paper.state === 'refused').length
  const preparing = papers.filter((paper) => paper.state === 'queued' || paper.state === 'rendering').length
  const voteless = rows.filter((row) => row.item.kind === 'vote' && !votes.some((vote) => vote.item_id === row.item.id)).length
  const voters = members.filter((member) => member.votes)
  const unseated = voters.filter((member) => !member.seat).length
  const chairs = members.filter((member) => member.role === 'chair').length
  const walls = members.filter((member) => member.role === 'wall').length
  const empty = points.filter((point) => !members.some((member) => member.point_id === point.id)).length
  const checks: Check[] = [
    check('items', rows.length, 'run', ['items', rows.length ? 0 : 1]),
    check('papers', papers.filter((paper) => paper.state !== 'withdrawn').length, 'run', ['refused', refused], ['preparing', preparing]),
    check('votes', votes.length, 'run', ['vote', voteless]),
    check('voters', voters.length, 'people', ['voters', voters.length ? 0 : 1], ['seats', unseated]),
    check('chair', chairs, 'people', ['chair', chairs ? 0 : 1]),
    check('points', points.length, 'points', ['operators', empty]),
    check('walls', walls, 'points', ['wall', walls ? 0 : 1]),
  ]
  return checks.filter((one) => one.what !== 'points' || one.count)
}

/** The first of the lacks that is there. */
function check(what: Check['what'], count: number, view: View, ...lacks: [NonNullable<Check['missing']>, number][]): Check {
  const [missing, lacking] = lacks.find(([, n]) => n > 0) ?? [null, 0]
  return { what, count, missing, lacking, view }
}
