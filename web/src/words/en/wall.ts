import type vi from '../vi/wall'

export default {
  item_speech: 'Item {number}',
  item_debate: 'Item {number}, debate',
  item_questioning: 'Item {number}, questions',
  item_vote: 'Item {number}, vote',
  item_below: 'Item {number}. {title}',
  speaking: 'Speaking',
  presenting: 'Presenting',
  next: 'Next:',
  voting: 'Vote open, item {number}',
  voting_plain: 'Vote open',
  counted: 'Vote closed, item {number}',
  counted_plain: 'Vote closed',
  counted_next: 'The result will be announced',
  cast: 'Have voted',
  break: 'Recess',
  break_until: 'The sitting goes on at {time}',
  starts: 'Opens at {time}, {day}',
  closed_at: 'Closed at {time}, {day}',
  page: 'page {page} / {count}',
  lost: 'Connection lost, trying again',
} satisfies Record<keyof typeof vi, string>
