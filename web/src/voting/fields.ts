/** What is written about a vote before it opens, for writing it again. */
import type { NewQuestion, UpdateVote, VoteView } from '../contract.gen'

export function fieldsOf(vote: VoteView): Required<Omit<UpdateVote, 'meeting_id' | 'vote_id'>> {
  const { title, method, live, seconds, deadline, policy, extend_seconds } = vote
  return { title, method, live, seconds, deadline, policy, extend_seconds, rule: vote.rule.code, questions: vote.questions.map(questionOf) }
}

function questionOf({ title, kind, most, member_id, options }: VoteView['questions'][number]): NewQuestion {
  const own = options.map((option) => ({ title: option.title, member_id: option.member_id }))
  return { title, kind, most, member_id, options: kind === 'choose' ? own : [] }
}
