import type { MeetingView, PersonView, Role } from './contract.gen'
import { disk } from './disk'
import { storage } from './documents/storage'
import { ask } from './http'
import { wipeInk } from './ink/disk'
import { link } from './link'
import { Refusal } from './refusal'

export type MyMeeting = MeetingView & { role: Role; point_id: number | null }

interface Mine {
  person: PersonView
  meetings: MyMeeting[]
  /** A shared tablet paired to a seat: only this meeting. */
  seat_of: number | null
  may_create: boolean
  /** Days for which papers of a closed meeting stay on a tablet. */
  keep_days: number
  may_manage: boolean
}

/** Who is signed in on this device, and their meetings. */
class Session {
  mine = $state.raw<Mine | null>(null)

  get person(): PersonView | null {
    return this.mine?.person ?? null
  }

  /** Ask who is signed in, and connect for them. Without a network it is who was here last. Throws Refusal: `login` when nobody is. */
  async load(): Promise<void> {
    const mine = await this.#asked()
    await link.start(mine.person.id)
    this.mine = mine
  }

  async #asked(): Promise<Mine> {
    const database = await disk()
    const kept = (await database?.get('visit', 'mine').catch(() => undefined)) as Mine | undefined
    try {
      const mine = await ask<Mine>('GET', '/api/me')
      if (kept && kept.person.id !== mine.person.id) await storage.wipe()
      await database?.put('visit', mine, 'mine').catch(() => undefined)
      await storage.expire(link.now(), mine.keep_days)
      return mine
    } catch (thrown) {
      if (kept && thrown instanceof Refusal && thrown.code === 'offline') return kept
      throw thrown
    }
  }

  /** Whoever was signed in on this page no longer is: the session is over, or somebody else's has begun. */
  async ended(): Promise<void> {
    const left = this.mine
    const shared = left?.seat_of != null
    this.mine = null
    await link.stop(shared)
    if (!shared) return
    await wipeInk(left.person.id)
    await storage.wipe()
  }

  /** No paper stays; on a shared tablet nothing at all of the person who used it. */
  async logout(): Promise<void> {
    const shared = this.mine?.seat_of != null
    const person = this.mine?.person.id
    await ask('POST', '/api/logout', {})
    this.mine = null
    await link.stop(shared)
    if (shared && person !== undefined) await wipeInk(person)
    await storage.wipe()
  }
}

export const session = new Session()
