/** A rule of the catalogue in words. */
import type { MeetingKind, Rule, RuleView } from '../contract.gen'
import { t } from '../words/words.svelte'
import { needed } from './arithmetic'

/** Of each rule the version that is in force on that day ("2026-12-08"), in the order of the catalogue. */
export function inForce(rules: Iterable<RuleView>, day: string): RuleView[] {
  const found = new Map<string, RuleView>()
  for (const one of rules) {
    const { code, valid_from, valid_to } = one.rule
    const other = found.get(code)
    if (valid_from <= day && day <= (valid_to ?? day) && (!other || other.rule.valid_from < valid_from)) found.set(code, one)
  }
  return [...found.values()]
}

/** The rule a new vote begins with: that of the body that sits. */
export function defaultRule(kind: MeetingKind | undefined, rules: readonly RuleView[]): string {
  const own = rules.find((one) => one.rule.code.startsWith(`${kind}.`)) ?? rules.find((one) => one.rule.denominator === 'present')
  return (own ?? rules[0])?.rule.code ?? ''
}

/** "Quá 1/2 tổng số đại biểu" */
export function shareWords(rule: Rule): string {
  const share = t(rule.strict ? 'secretary.share_over' : 'secretary.share_least', { fraction: rule.threshold })
  return `${share} · ${t(`ballot.${rule.denominator}`).toLowerCase()}`
}

/** "Quá nửa của 47 đại biểu: từ 24 phiếu tán thành." Of those present it is said as of now: the list freezes when the vote opens. */
export function ruleSentence(rule: Rule, { members, present }: { members: number; present: number }): string {
  if (rule.dismissal) return t('ballot.passes_confidence', { fraction: rule.threshold, dismissal: rule.dismissal })
  const share = rule.strict
    ? rule.threshold === '1/2'
      ? t('secretary.share_half')
      : t('secretary.share_over', { fraction: rule.threshold })
    : t('secretary.share_least', { fraction: rule.threshold })
  if (rule.denominator === 'cast') return t('secretary.rule_cast', { share })
  if (rule.denominator === 'valid') return t('secretary.rule_valid', { share })
  const base = rule.denominator === 'all_members' ? members : present
  const key = rule.denominator === 'all_members' ? 'secretary.rule_all' : 'secretary.rule_present'
  return t(key, { share, base, needed: needed(rule, base) })
}
