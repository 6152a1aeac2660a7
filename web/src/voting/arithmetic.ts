/** The arithmetic of a result as it is printed. Whole numbers only; mirrors meetroom/voting/rules.py. */
import type { Option, Question, QuestionResult, Rule, VoteView } from '../contract.gen'
import type { Answer } from '../ui/VoteGlyph.svelte'
import { number, t } from '../words/words.svelte'

export interface Row {
  answer: Answer
  label: string
  count: number
  /** As printed: "87,23 %" */
  percent: string
  /** The threshold is drawn on this row. */
  line: boolean
}

/** What each part is of. Of a question with one answer they add up to the base: of all members, who was away has no ballot either. */
export function rowsOf(question: Question, result: QuestionResult, decimals: number): Row[] {
  const decides = { approve: 'for', confidence: 'low', choose: null }[question.kind]
  const rows = question.options.map((option, n) => ({
    answer: glyph(option),
    label: optionTitle(option),
    count: result.counts[n] ?? 0,
    percent: `${number(Number(result.percents[n]), (result.counts[n] ?? 0) === result.base ? 0 : decimals)} %`,
    line: decides === null || option.code === decides,
  }))
  const rest = (label: string, count: number): Row => ({ answer: 'none', label, count, percent: percent(count, result.base, decimals), line: false })
  if (result.invalid > 0) rows.push(rest(t('ballot.invalid'), result.invalid))
  const none = result.base - result.valid - result.invalid
  return none > 0 ? [...rows, rest(t('ballot.none'), none)] : rows
}

/** "4,26 %": rounded half up from the exact fraction; a whole without decimals. */
export function percent(votes: number, base: number, decimals: number): string {
  if (base === 0 || votes === base) return `${number(base ? 100 : 0, 0)} %`
  const scale = 10 ** decimals
  return `${number(Math.floor((votes * 200 * scale + base) / (2 * base)) / scale, decimals)} %`
}

/** Of how many it is counted while the vote is open; null when that is known only after closing. */
export function baseOf({ rule, all_members, electorate }: Pick<VoteView, 'rule' | 'all_members' | 'electorate'>): number | null {
  return { all_members, present: electorate, cast: null, valid: null }[rule.denominator]
}

/** The smallest number of votes that decides, of `base`. */
export function needed({ threshold, strict }: Pick<Rule, 'threshold' | 'strict'>, base: number): number {
  const [part, of] = parts(threshold)
  return strict ? Math.floor((part * base) / of) + 1 : Math.ceil((part * base) / of)
}

/** "2/3" → [2, 3] */
export function parts(fraction: string): [number, number] {
  const [part, of] = fraction.split('/').map(Number)
  return [part!, of!]
}

const GIVEN = ['for', 'against', 'abstain', 'high', 'confidence', 'low'] as const

/** The options a kind gives are said in the reader's language, others as they were written. */
export function optionTitle({ code, title }: Pick<Option, 'code' | 'title'>): string {
  const given = GIVEN.find((one) => one === code)
  return given ? t(`ballot.${given}`) : title
}

export function glyph({ code }: Pick<Option, 'code'>): Answer {
  return GIVEN.find((one) => one === code) ?? 'option'
}

/** A ballot's answers to one question in words. */
export function answerTitle(question: Question, codes: readonly string[]): string {
  return question.options.filter((option) => codes.includes(option.code)).map(optionTitle).join(', ') || t('ballot.blank')
}
