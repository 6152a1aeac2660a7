/** The step that "Hoàn tác" would take back, and the step that comes next, in words. */
import type { ItemView, MemberView, StepView, VoteView } from '../contract.gen'
import type { Quorum } from './quorum'
import type { Next } from './next'
import { givenName } from '../people/names'
import type { Key } from '../words/types'
import { t, time } from '../words/words.svelte'

const UNDONE = {
  'meeting.open': 'open',
  'meeting.close': 'close',
  'member.mark': 'mark',
  'member.excuse': 'excuse',
  'member.approve': 'approve',
  'item.add': 'item_add',
  'item.update': 'item_update',
  'item.move': 'item_move',
  'item.restrict': 'item_restrict',
  'item.start': 'item_start',
  'item.next': 'item_start',
  'floor.add': 'floor_add',
  'floor.remove': 'floor_remove',
  'floor.move': 'floor_move',
  'floor.grant': 'floor_grant',
  'floor.extend': 'floor_extend',
  'floor.expire': 'floor_end',
  'floor.set': 'floor_set',
  'floor.end': 'floor_end',
  'paper.withdraw': 'paper_withdraw',
  'paper.restrict': 'paper_restrict',
  'vote.publish': 'vote_publish',
  'wall.show': 'wall',
  'note.add': 'note',
  'message.handle': 'message',
  'stage.pin': 'pin',
  'point.limit': 'limit',
  'point.place': 'place',
  'conference.lock': 'lock',
} as const

/** "mời đ/b Hạnh, 09:34"; a step of somebody else says whose it was. Empty when there is nothing to take back. */
export function undoWords(step: StepView | undefined, mine: number | null, members: Iterable<MemberView>): string {
  if (!step?.command || !step.at) return ''
  const known = UNDONE[step.command as keyof typeof UNDONE]
  const label = step.command.startsWith('floor.') || step.command.startsWith('member.') ? givenName(step.label) : shortened(step.label)
  const what = known ? t(`secretary.undo_${known}` as Extract<Key, `secretary.undo_${string}`>, { label } as never) : step.command
  const other = step.person_id !== mine && [...members].find((one) => one.person_id === step.person_id)
  return [what, other && other.full_name, time(step.at)].filter(Boolean).join(', ')
}

/** The time at the end must not be cut off. */
function shortened(label: string): string {
  return label.length > 26 ? `${label.slice(0, 24).trimEnd()}…` : label
}

/** What the button of the next step says. */
export function nextWords(next: Next<ItemView, VoteView>, quorum: Quorum): { title: string; note: string } {
  switch (next.do) {
    case 'open_meeting':
      return { title: t('secretary.next_open'), note: quorum.met ? '' : t('secretary.next_no_quorum', { present: quorum.present, needed: quorum.needed }) }
    case 'start_item':
      return { title: next.item.number ? `${next.item.number} ${next.item.title}` : next.item.title, note: '' }
    case 'open_vote':
      return { title: t('secretary.next_vote_open', { title: next.vote.title }), note: t('secretary.next_voters', { n: quorum.present }) }
    case 'close_vote':
      return { title: t('secretary.vote_close'), note: t('secretary.vote_cast', { cast: next.vote.cast, electorate: next.vote.electorate }) }
    case 'publish_vote':
      return { title: t('secretary.vote_publish'), note: next.vote.title }
    case 'close_meeting':
      return { title: t('secretary.next_close'), note: '' }
  }
}
