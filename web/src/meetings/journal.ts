/** The journal in sentences. A step is one command with all it changed. */
import type { JournalPage, JournalStep } from '../contract.gen'
import type { Key } from '../words/types'
import { vi } from '../words/vi'
import { t } from '../words/words.svelte'

type Word = keyof typeof vi.journal
type Noun = Record<string, unknown>
type Names = JournalPage['members']

/** What machines report by themselves, and what everybody does all the time. */
const MACHINES = '-receipt.,-ink.,-printout.,-point.report,-conference.report,-point.mic,-paper.report_,-display.present,-vote.cast,-secret.receive,-member.arrive,-member.leave,-member.check_in,-message.read'

/** Which commands each kind of steps has; in the order they are offered. */
export const KINDS = {
  house: { any: '', meeting: 'meeting.', person: 'person.', unit: 'unit.' },
  meeting: {
    main: MACHINES, all: '', meeting: 'meeting.', member: 'member.', item: 'item.', paper: 'paper.,receipt.,ink.,instruction.,printout.', floor: 'floor.',
    vote: 'vote.,secret.', point: 'point.,stage.,conference.,roll.,recording.', display: 'display.', note: 'note.', message: 'message.',
  }, // prettier-ignore
} as const
export type Kind = keyof typeof KINDS.meeting | keyof typeof KINDS.house

export function kindWord(kind: Kind): string {
  return say(`kind_${kind}`)
}

export function actorWords(step: JournalStep): string {
  const word = step.actor.replace(':', '_')
  return step.person || (Object.hasOwn(vi.journal, word) ? say(word as Word) : step.actor)
}

/** What was done, as a sentence without its subject. A command without a sentence of its own is told by its name. */
export function told(step: JournalStep, members: Names): string {
  const noun = chief(step)
  const variant = {
    'member.mark': noun.present ? 'present' : 'absent', 'member.attend': noun.present ? 'present' : 'absent',
    'member.excuse': noun.excused ? 'on' : 'off', 'member.approve': noun.approved ? 'on' : 'off', 'person.set_active': noun.active ? 'on' : 'off', 'point.report': noun.link,
    'conference.lock': noun.locked ? 'on' : 'off', 'node.drain': noun.draining ? 'on' : 'off', 'recording.report': noun.state,
  } // prettier-ignore
  const word = ['cmd', step.command.replace('.', '_'), variant[step.command as keyof typeof variant]].filter(Boolean).join('_')
  if (!Object.hasOwn(vi.journal, word)) return step.command
  return say(word as Word, {
    name: name(noun, members),
    people: step.counts['person.changed'] ?? 0,
    units: step.counts['unit.changed'] ?? 0,
  })
}

/** The state that tells the noun a step is about from the others it changed. */
const CHIEF: Record<string, string> = { 'item.start': 'current', 'item.next': 'current', 'floor.grant': 'speaking' }

/** The noun a step is about: not the undo it offers, nor what follows from it. */
function chief(step: JournalStep): Noun {
  const nouns = step.events.filter((event) => !/^(step|tally|display)\./.test(event.name)).map((event) => event.body[event.name.split('.')[0]!] as Noun)
  const own = step.events.find((event) => event.name === `${step.command.split('.')[0]}.changed`)
  const told = nouns.find((noun) => noun?.state === (CHIEF[step.command] ?? ''))
  return told ?? (own?.body[own.name.split('.')[0]!] as Noun | undefined) ?? nouns.find(Boolean) ?? {}
}

function name(noun: Noun, members: Names): string {
  if (typeof noun.member_id === 'number') return members[noun.member_id] ?? t('journal.somebody')
  const title = noun.full_name ?? noun.title ?? noun.name ?? noun.text ?? noun.node ?? ''
  return [noun.number, title].filter(Boolean).join(' ')
}

function say(word: string, filling: object = {}): string {
  return (t as (key: Key, filling: object) => string)(`journal.${word}` as Key, filling)
}
