/** What the server knows, as this viewer may see it. Read it in a screen; it changes by itself. */
import { untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { Envelope, Events, May, Me, Snapshot } from './contract.gen'
import { disk, type KeptMeeting } from './disk'
import { storage } from './documents/storage'
import type { Sink } from './feed'
import { link } from './link'
import { Refusal } from './refusal'

type Noun = keyof Snapshot
type View<N extends Noun> = NonNullable<Snapshot[N]>[number]
type Records<V extends { id: number }> = SvelteMap<number, V>

/** After a change, so long until it is on this tablet's disk. */
const SAVE_MS = 2_000

/** All nouns of one meeting, each keyed by id; of the house (meeting 0) people, units, meetings and nodes. */
export class MeetingState implements Sink {
  readonly meetings: Records<View<'meetings'>> = new SvelteMap()
  readonly members: Records<View<'members'>> = new SvelteMap()
  readonly excuses: Records<View<'excuses'>> = new SvelteMap()
  readonly items: Records<View<'items'>> = new SvelteMap()
  readonly papers: Records<View<'papers'>> = new SvelteMap()
  readonly receipts: Records<View<'receipts'>> = new SvelteMap()
  readonly marks: Records<View<'marks'>> = new SvelteMap()
  readonly printouts: Records<View<'printouts'>> = new SvelteMap()
  readonly inks: Records<View<'inks'>> = new SvelteMap()
  readonly requests: Records<View<'requests'>> = new SvelteMap()
  readonly floors: Records<View<'floors'>> = new SvelteMap()
  readonly votes: Records<View<'votes'>> = new SvelteMap()
  readonly tallies: Records<View<'tallies'>> = new SvelteMap()
  readonly ballots: Records<View<'ballots'>> = new SvelteMap()
  readonly nudges: Records<View<'nudges'>> = new SvelteMap()
  readonly drops: Records<View<'drops'>> = new SvelteMap()
  readonly paper_ballots: Records<View<'paper_ballots'>> = new SvelteMap()
  readonly rules: Records<View<'rules'>> = new SvelteMap()
  readonly secrets: Records<View<'secrets'>> = new SvelteMap()
  readonly manifests: Records<View<'manifests'>> = new SvelteMap()
  readonly issues: Records<View<'issues'>> = new SvelteMap()
  readonly points: Records<View<'points'>> = new SvelteMap()
  readonly conferences: Records<View<'conferences'>> = new SvelteMap()
  readonly recordings: Records<View<'recordings'>> = new SvelteMap()
  readonly displays: Records<View<'displays'>> = new SvelteMap()
  readonly walls: Records<View<'walls'>> = new SvelteMap()
  readonly messages: Records<View<'messages'>> = new SvelteMap()
  readonly notes: Records<View<'notes'>> = new SvelteMap()
  readonly steps: Records<View<'steps'>> = new SvelteMap()
  readonly people: Records<View<'people'>> = new SvelteMap()
  readonly units: Records<View<'units'>> = new SvelteMap()
  readonly nodes: Records<View<'nodes'>> = new SvelteMap()

  id = $state<number | null>(null)
  me = $state.raw<Me | null>(null)
  /** Everything is here; before that, and after `refused`, the records are empty. */
  ready = $state(false)
  refusal = $state.raw<Refusal | null>(null)
  /** What is here has come from the server in this visit; before that it may be what was last seen. */
  fresh = $state(false)
  #leave: (() => void) | undefined
  #saving: ReturnType<typeof setTimeout> | undefined

  /** The meeting at hand. */
  get meeting(): View<'meetings'> | undefined {
    return this.meetings.get(this.id ?? 0)
  }

  get display(): View<'displays'> | undefined {
    return this.displays.get(this.id ?? 0)
  }

  /** The rules of the floor. */
  get floor(): View<'floors'> | undefined {
    return this.floors.get(this.id ?? 0)
  }

  get conference(): View<'conferences'> | undefined {
    return this.conferences.get(this.id ?? 0)
  }

  /** My own place in the meeting. */
  get member(): View<'members'> | undefined {
    return this.members.get(this.me?.member_id ?? 0)
  }

  /** Whether the server would let me; for showing a button, never a protection. */
  may(what: May): boolean {
    return this.me?.grants.includes(what) ?? false
  }

  /** Show this meeting (0: the house) from now on. What went wrong is in `refusal`. */
  async enter(meetingId: number): Promise<void> {
    this.leave()
    this.id = meetingId
    if (meetingId) void this.#recall(meetingId)
    try {
      const leave = await link.join(meetingId, this)
      if (this.id === meetingId) this.#leave = leave
      else leave()
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
    }
  }

  leave(): void {
    this.#remember()
    this.#leave?.()
    this.#leave = undefined
    this.id = null
    this.me = null
    this.refusal = null
    this.#empty()
  }

  // --- from the link

  load(snapshot: Snapshot): void {
    this.#empty()
    for (const noun of NOUNS) fill(this[noun] as Records<{ id: number }>, snapshot[noun])
    this.refusal = null
    this.ready = true
    this.fresh = true
    this.#changed()
  }

  apply({ name, body }: Envelope): void {
    const change = APPLY[name as keyof Events] as ((to: MeetingState, body: unknown) => void) | undefined
    change?.(this, body)
    this.#changed()
  }

  seen(me: Me): void {
    this.me = me
  }

  refused(refusal: Refusal): void {
    this.#empty()
    this.refusal = refusal
    if (this.id && refusal.code === 'not_found') void storage.forgetMeeting(this.id)
  }

  // --- on this tablet's disk

  /** Until the server answers: the meeting as it was last seen here. */
  async #recall(meetingId: number): Promise<void> {
    const kept = await (await disk())?.get('meetings', meetingId).catch(() => undefined)
    if (!kept || this.id !== meetingId || this.ready || this.refusal) return
    this.load(kept.snapshot)
    this.fresh = false
    this.me ??= kept.me
  }

  #changed(): void {
    this.#saving ??= setTimeout(() => this.#remember(), SAVE_MS)
  }

  #remember(): void {
    clearTimeout(this.#saving)
    this.#saving = undefined
    const kept = untrack(() => this.#seen())
    if (kept) void disk().then((database) => database?.put('meetings', kept).catch(() => undefined))
  }

  #seen(): KeptMeeting | null {
    // Who has left wants nothing kept: a shared tablet has been wiped by then, and the next person must not see it.
    if (!this.id || !this.me || !this.fresh || link.account === null) return null
    const snapshot = Object.fromEntries(NOUNS.map((noun) => [noun, [...this[noun].values()]])) as unknown as Snapshot
    return { id: this.id, snapshot, me: this.me, at: Date.now() }
  }

  #empty(): void {
    this.ready = false
    this.fresh = false
    for (const noun of NOUNS) this[noun].clear()
  }
}

const NOUNS = [
  'meetings', 'members', 'excuses', 'items', 'papers', 'receipts', 'marks', 'inks', 'printouts', 'requests', 'floors', 'votes', 'tallies',
  'ballots', 'nudges', 'drops', 'paper_ballots', 'rules', 'secrets', 'manifests', 'issues', 'points', 'conferences', 'recordings', 'displays', 'walls', 'messages', 'notes', 'steps', 'people', 'units', 'nodes',
] as const satisfies readonly Noun[] // prettier-ignore

function fill<V extends { id: number }>(records: Map<number, V>, views: readonly V[] | undefined): void {
  for (const view of views ?? []) records.set(view.id, view)
}

function put<V extends { id: number }>(records: Map<number, V>, view: V): void {
  records.set(view.id, view)
}

/** What each event changes. Events carry the whole noun, so that a repeat does no harm. */
const APPLY: { [N in keyof Events]: (to: MeetingState, body: Events[N]) => void } = {
  'meeting.changed': (to, { meeting }) => put(to.meetings, meeting),
  'meeting.listed': (to, { meeting }) => put(to.meetings, meeting),
  'member.changed': (to, { member }) => put(to.members, member),
  'member.removed': (to, { id }) => to.members.delete(id),
  'excuse.changed': (to, { excuse }) => put(to.excuses, excuse),
  'excuse.removed': (to, { id }) => to.excuses.delete(id),
  'item.changed': (to, { item }) => put(to.items, item),
  'item.shown': (to, { item }) => put(to.items, item),
  'item.listed': (to, { item }) => put(to.items, item),
  'item.hidden': (to, { id }) => to.items.delete(id),
  'item.unlisted': (to, { id }) => to.items.delete(id),
  'item.removed': (to, { id }) => to.items.delete(id),
  'paper.changed': (to, { paper }) => put(to.papers, paper),
  'paper.shown': (to, { paper }) => put(to.papers, paper),
  'paper.listed': (to, { paper }) => put(to.papers, paper),
  'paper.hidden': (to, { id }) => to.papers.delete(id),
  'paper.removed': (to, { id }) => to.papers.delete(id),
  'receipt.removed': (to, { id }) => to.receipts.delete(id),
  'receipt.changed': (to, { receipt }) => put(to.receipts, receipt),
  'mark.changed': (to, { mark }) => put(to.marks, mark),
  'mark.listed': (to, { mark }) => put(to.marks, mark),
  'mark.shown': (to, { mark }) => put(to.marks, mark),
  'mark.removed': (to, { id }) => to.marks.delete(id),
  'mark.hidden': (to, { id }) => to.marks.delete(id),
  'printout.changed': (to, { printout }) => put(to.printouts, printout),
  'printout.removed': (to, { id }) => to.printouts.delete(id),
  'ink.changed': (to, { ink }) => put(to.inks, ink),
  'request.changed': (to, { request }) => put(to.requests, request),
  'floor.changed': (to, { floor }) => put(to.floors, floor),
  'vote.changed': (to, { vote }) => put(to.votes, vote),
  'vote.shown': (to, { vote }) => put(to.votes, vote),
  'vote.listed': (to, { vote }) => put(to.votes, vote),
  'vote.hidden': (to, { id }) => to.votes.delete(id),
  'vote.unlisted': (to, { id }) => to.votes.delete(id),
  'vote.removed': (to, { id }) => to.votes.delete(id),
  'tally.changed': (to, { tally }) => put(to.tallies, tally),
  'ballot.recorded': (to, { ballot }) => put(to.ballots, ballot),
  'ballot.removed': (to, { id }) => to.ballots.delete(id),
  'nudge.changed': (to, { nudge }) => put(to.nudges, nudge),
  'drop.changed': (to, { drop }) => put(to.drops, drop),
  'paper_ballots.changed': (to, { paper_ballots }) => put(to.paper_ballots, paper_ballots),
  'paper_ballots.removed': (to, { id }) => to.paper_ballots.delete(id),
  'rule.changed': (to, { rule }) => put(to.rules, rule),
  'rule.listed': (to, { rule }) => put(to.rules, rule),
  'secret.changed': (to, { secret }) => put(to.secrets, secret),
  'secret.shown': (to, { secret }) => put(to.secrets, secret),
  'secret.listed': (to, { secret }) => put(to.secrets, secret),
  'secret.hidden': (to, { id }) => to.secrets.delete(id),
  'secret.unlisted': (to, { id }) => to.secrets.delete(id),
  'secret.removed': (to, { id }) => to.secrets.delete(id),
  'manifest.made': (to, { manifest }) => put(to.manifests, manifest),
  'manifest.shown': (to, { manifest }) => put(to.manifests, manifest),
  'manifest.listed': (to, { manifest }) => put(to.manifests, manifest),
  'manifest.hidden': (to, { id }) => to.manifests.delete(id),
  'ballot.issued': (to, { issue }) => put(to.issues, issue),
  'point.changed': (to, { point }) => put(to.points, point),
  'point.removed': (to, { id }) => to.points.delete(id),
  'conference.changed': (to, { conference }) => put(to.conferences, conference),
  'recording.changed': (to, { recording }) => put(to.recordings, recording),
  'recording.removed': (to, { id }) => to.recordings.delete(id),
  'display.changed': (to, { display }) => put(to.displays, display),
  'display.listed': (to, { display }) => put(to.displays, display),
  'display.shown': (to, { display }) => put(to.displays, display),
  'wall.changed': (to, { wall }) => put(to.walls, wall),
  'wall.removed': (to, { id }) => to.walls.delete(id),
  'message.listed': (to, { message }) => put(to.messages, message),
  'message.shown': (to, { message }) => put(to.messages, message),
  'message.posted': (to, { message }) => put(to.messages, message),
  'note.changed': (to, { note }) => put(to.notes, note),
  'note.removed': (to, { id }) => to.notes.delete(id),
  'step.changed': (to, { step }) => put(to.steps, step),
  'person.changed': (to, { person }) => put(to.people, person),
  'unit.changed': (to, { unit }) => put(to.units, unit),
  'node.changed': (to, { node }) => put(to.nodes, node),
}

export const sitting = new MeetingState()
export const house = new MeetingState()
