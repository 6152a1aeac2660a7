/** A ballot being filled in. */
import type { Question, VoteView } from '../contract.gen'
import type { Answers } from './casting.svelte'

/** One question with one answer of those given: its boxes send with one tap. Everything else is filled in and sent once. */
export function oneTap({ questions, method }: Pick<VoteView, 'questions' | 'method'>): boolean {
  return questions.length === 1 && questions[0]!.kind === 'approve' && method !== 'slip'
}

/** The answers after an option was tapped: the one instead of the other, or of a choice of several, on and off; no more than allowed. */
export function tapped(question: Pick<Question, 'most' | 'options'>, codes: readonly string[], code: string): string[] {
  if (codes.includes(code)) return codes.filter((one) => one !== code)
  const chosen = question.most === 1 ? [code] : codes.length < question.most ? [...codes, code] : codes
  return question.options.map((option) => option.code).filter((one) => chosen.includes(one))
}

/** Places of the questions nothing is chosen in. */
export function missing(answers: Answers): number[] {
  return answers.flatMap((codes, n) => (codes.length ? [] : [n]))
}

/** A draft that was kept on the device, where it still fits the vote. */
export function draftOf(kept: unknown, vote: Pick<VoteView, 'id' | 'questions'>): { answers: Answers; opinion: string } | null {
  const draft = kept as { vote_id?: unknown; answers?: unknown; opinion?: unknown } | null
  if (draft?.vote_id !== vote.id || !Array.isArray(draft.answers) || draft.answers.length !== vote.questions.length) return null
  const answers = vote.questions.map((question, n) => {
    const said: unknown = (draft.answers as unknown[])[n]
    const codes = Array.isArray(said) ? question.options.map(({ code }) => code).filter((code) => said.includes(code)) : []
    return codes.slice(0, question.most)
  })
  return { answers, opinion: typeof draft.opinion === 'string' ? draft.opinion : '' }
}
