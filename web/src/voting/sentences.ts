/** The arithmetic of a result in words, as the record prints it. */
import type { Question, QuestionResult, Rule } from '../contract.gen'
import { number, t } from '../words/words.svelte'

/** "41 : 47 = 87,23 %": the share that decides; of a choice, where each option has its own, none. */
export function sumOf(question: Question, result: QuestionResult, rule: Rule): string | null {
  if (result.base === 0) return t('ballot.no_ballots')
  if (question.kind === 'choose') return null
  const n = question.options.findIndex(({ code }) => code === (question.kind === 'confidence' ? 'low' : 'for'))
  const [votes, share] = [result.counts[n] ?? 0, Number(result.percents[n])]
  return t('ballot.sum', { for: votes, base: result.base, percent: `${number(share, rule.decimals)} %` })
}

/** "Cần quá nửa của 47: từ 24 phiếu" — or why it cannot be decided, or who decided it. */
export function ruleApplied(question: Question, result: QuestionResult, rule: Rule): string {
  const gaps = { fraction: rule.threshold, base: result.base, needed: result.needed }
  if (!result.quorum_met) {
    const there = rule.quorum_of === 'cast' ? result.valid + result.invalid : result.electorate
    return t('ballot.no_quorum', { electorate: there, all: result.all_members, fraction: rule.quorum })
  }
  if (result.tie) return t('ballot.tie')
  if (question.kind === 'confidence') return t('ballot.confidence_rule', { ...gaps, dismissal: result.dismissal_needed ?? '–' })
  if (rule.strict && rule.threshold === '1/2') return t('ballot.over_half', gaps)
  return t(rule.strict ? 'ballot.over' : 'ballot.at_least', gaps)
}
