/** Messages as conversations: between the secretaries' desk and one member or one point. */
import type { MessageView } from '../contract.gen'

type One = Pick<MessageView, 'id' | 'kind' | 'state' | 'member_id' | 'point_id' | 'from_desk' | 'service'>

/** `member:7`, `point:3`: whom the desk speaks with. */
export function partner(one: Pick<One, 'member_id' | 'point_id'>): string {
  return one.point_id === null ? `member:${one.member_id}` : `point:${one.point_id}`
}

export interface Thread<M> {
  partner: string
  messages: M[]
  /** Notes to the desk that nobody has read. */
  unread: number
}

/** Conversations of notes, those with something unread first, then the newest. */
export function threads<M extends One>(messages: Iterable<M>): Thread<M>[] {
  const found = new Map<string, Thread<M>>()
  for (const one of [...messages].filter((one) => one.kind === 'note').sort((a, b) => a.id - b.id)) {
    const key = partner(one)
    if (!found.has(key)) found.set(key, { partner: key, messages: [], unread: 0 })
    const thread = found.get(key)!
    thread.messages.push(one)
    if (!one.from_desk && one.state === 'open') thread.unread += 1
  }
  return [...found.values()].sort((a, b) => Number(b.unread > 0) - Number(a.unread > 0) || b.messages.at(-1)!.id - a.messages.at(-1)!.id)
}

export const isRunning = (one: One) => one.kind === 'call' && (one.state === 'open' || one.state === 'taken')

/** Calls under way, the oldest first: whoever waits longest. Of one service, or of all. */
export function calls<M extends One>(messages: Iterable<M>, service?: MessageView['service']): M[] {
  return [...messages].filter((one) => isRunning(one) && (!service || one.service === service)).sort((a, b) => a.id - b.id)
}

/** What waits for the desk: calls nobody has taken, notes nobody has read, opinions nobody has noted. */
export function waitingForDesk(messages: Iterable<One>): number {
  return [...messages].filter((one) => one.state === 'open' && !one.from_desk).length
}

/** What the desk wrote to these people or this point and they have not read. */
export function unreadFromDesk<M extends One>(messages: Iterable<M>, of: readonly string[]): M[] {
  return [...messages].filter((one) => one.kind === 'note' && one.from_desk && one.state === 'open' && of.includes(partner(one)))
}
