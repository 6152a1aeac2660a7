/** The arithmetic of a result as it is printed. Whole numbers only; mirrors meetroom/voting/rules.py. */
import type { ResultView, Rule, VoteView } from '../contract.gen'

export type Answer = 'for' | 'against' | 'abstain' | 'none'

export interface Row {
  answer: Answer
  count: number
}

/** What each part is of: they add up to the base. Of all members, who was away has no ballot either. */
export function rowsOf(result: ResultView): Row[] {
  const none = result.base - result.for - result.against - result.abstain
  const rows: Row[] = [
    { answer: 'for', count: result.for },
    { answer: 'against', count: result.against },
    { answer: 'abstain', count: result.abstain },
    { answer: 'none', count: none },
  ]
  return none > 0 ? rows : rows.slice(0, 3)
}

/** Of how many it is counted while the vote is open; null when that is known only after closing. */
export function baseOf({ rule, all_members, electorate }: Pick<VoteView, 'rule' | 'all_members' | 'electorate'>): number | null {
  return { all_members, present: electorate, cast: null }[rule.denominator]
}

/** The smallest number of votes for that passes, of `base`. */
export function needed({ threshold, strict }: Pick<Rule, 'threshold' | 'strict'>, base: number): number {
  const [part, of] = parts(threshold)
  return strict ? Math.floor((part * base) / of) + 1 : Math.ceil((part * base) / of)
}

/** "2/3" → [2, 3] */
export function parts(fraction: string): [number, number] {
  const [part, of] = fraction.split('/').map(Number)
  return [part!, of!]
}
