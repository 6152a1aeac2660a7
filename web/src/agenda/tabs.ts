import Coffee from '@lucide/svelte/icons/coffee'
import type { ItemView, MeetingView } from '../contract.gen'
import type { Tab } from '../ui/Rail.svelte'
import { time } from '../words/words.svelte'
import { plannedAt } from './schedule'
import { branch, type Row } from './tree'

/** The top of the agenda as tabs of a dossier. An item is in hand when it or anything under it is. */
export function tabsOf(rows: readonly Row[], meeting: MeetingView): (Tab & { id: number })[] {
  return rows
    .filter((row) => row.depth === 0)
    .map(({ item }) => {
      const current = meeting.state === 'open' && branch(rows, item.id).some((row) => row.item.state === 'current')
      return {
        id: item.id,
        label: item.number,
        title: item.title,
        icon: item.kind === 'break' ? Coffee : undefined,
        current,
        past: !current && item.state === 'done',
        note: item.kind === 'break' ? undefined : plan(item, meeting),
      }
    })
}

function plan(item: ItemView, meeting: MeetingView): string | undefined {
  return item.state === 'pending' && meeting.state !== 'closed' ? time(plannedAt(meeting, item)) : undefined
}
