/** Questions as a secretary writes them: one per line. */
import type { MemberView, NewQuestion, Question, QuestionKind } from '../contract.gen'
import { fold } from '../people/names'

export interface Written {
  kind: QuestionKind
  /** One question per line; empty: one, the vote's own title. Of a choice there is one question. */
  lines: string
  /** Of a choice, one option per line. */
  options: string
  most: number
}

export function linesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter(Boolean)
}

/** What was written, for a vote of that title. A line that is a member's name is about this member. */
export function questionsOf({ kind, lines, options, most }: Written, title: string, members: Iterable<Pick<MemberView, 'id' | 'full_name'>>): NewQuestion[] {
  const known = new Map([...members].map((member) => [fold(member.full_name), member.id]))
  const about = (line: string) => known.get(fold(line)) ?? null
  if (kind === 'choose') {
    const offered = linesOf(options).map((line) => ({ title: line, member_id: about(line) }))
    return [{ title, kind, options: offered, most: Math.max(1, Math.min(most, offered.length)) }]
  }
  const titles = linesOf(lines)
  return (titles.length ? titles : [title]).map((line) => ({ title: line, kind, member_id: kind === 'confidence' ? about(line) : null }))
}

/** The other way round, for changing a draft. */
export function writtenOf(questions: readonly Question[], title: string): Written {
  const [first] = questions
  const kind = first?.kind ?? 'approve'
  const own = questions.length === 1 && first?.title === title
  return {
    kind,
    lines: kind === 'choose' || own ? '' : questions.map((question) => question.title).join('\n'),
    options: kind === 'choose' ? first!.options.map((option) => option.title).join('\n') : '',
    most: first?.most ?? 1,
  }
}
