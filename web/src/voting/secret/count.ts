/** Which of the opened ballots count: the same rules as meetroom/voting/secret/count.py, where they are told. */
import type { CountedBallot, InvalidBallot, Question } from '../../contract.gen'
import { isSigned, type Shown } from './blind'
import { sha256, unhex } from './bytes'

export interface Count {
  ballots: CountedBallot[]
  invalid: InvalidBallot[]
}

export async function sortOut(modulus: string, questions: readonly Question[], opened: readonly unknown[], voided: ReadonlySet<string>): Promise<Count> {
  const ballots = new Map<string, CountedBallot>()
  const invalid: InvalidBallot[] = []
  for (const ballot of opened) {
    let { reason, token } = await fault(modulus, questions, ballot, voided)
    if (reason === null && ballots.has(token!)) reason = 'duplicate'
    if (reason === null) ballots.set(token!, ballot as CountedBallot)
    else invalid.push({ reason, token })
  }
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  invalid.sort((a, b) => byText(a.reason, b.reason) || byText(a.token ?? '', b.token ?? ''))
  return { ballots: [...ballots.values()].sort((a, b) => byText(a.token, b.token)), invalid }
}

async function fault(modulus: string, questions: readonly Question[], ballot: unknown, voided: ReadonlySet<string>): Promise<{ reason: string | null; token: string | null }> {
  const fields = ballot !== null && typeof ballot === 'object' && !Array.isArray(ballot) ? Object.keys(ballot).sort().join() : ''
  const { token, prefix, signature, answers } = ballot as CountedBallot
  if (fields !== 'answers,prefix,signature,token' || ![token, prefix, signature].every((text) => typeof text === 'string' && /^([0-9a-f]{2})*$/.test(text))) {
    return { reason: 'unreadable', token: null }
  }
  if (!(await isSigned(modulus, { token, prefix, signature } satisfies Shown))) return { reason: 'token', token: null }
  if (voided.has(await sha256(unhex(token)))) return { reason: 'voided', token }
  return { reason: fits(questions, answers) ? null : 'answers', token }
}

/** Whether answers are as rules.check_answers would write them. */
export function fits(questions: readonly Question[], answers: unknown): answers is string[][] {
  if (!Array.isArray(answers) || answers.length !== questions.length || !answers.some((one) => Array.isArray(one) && one.length)) return false
  return questions.every(({ options, most }, n) => {
    const chosen: unknown = answers[n]
    if (!Array.isArray(chosen) || chosen.length > most) return false
    const sorted = options.map((option) => option.code).filter((code) => chosen.includes(code))
    return sorted.length === chosen.length && sorted.every((code, at) => code === chosen[at])
  })
}
