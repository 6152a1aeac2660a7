import type { MeetingView, PersonView, Role } from './contract.gen'
import { ask } from './http'
import { wipeInk } from './ink/disk'
import { link } from './link'

export type MyMeeting = MeetingView & { role: Role; point_id: number | null }

interface Mine {
  person: PersonView
  meetings: MyMeeting[]
  /** A shared tablet paired to a seat: only this meeting. */
  seat_of: number | null
  may_create: boolean
  may_manage: boolean
}

/** Who is signed in on this device, and their meetings. */
class Session {
  mine = $state.raw<Mine | null>(null)

  get person(): PersonView | null {
    return this.mine?.person ?? null
  }

  /** Ask who is signed in, and connect for them. Throws Refusal: `login` when nobody is. */
  async load(): Promise<void> {
    const mine = await ask<Mine>('GET', '/api/me')
    await link.start(mine.person.id)
    this.mine = mine
  }

  /** Whoever was signed in on this page no longer is: the session is over, or somebody else's has begun. */
  async ended(): Promise<void> {
    this.mine = null
    await link.stop()
  }

  /** A shared tablet keeps nothing of the person who used it. */
  async logout(): Promise<void> {
    const shared = this.mine?.seat_of != null
    const person = this.mine?.person.id
    await ask('POST', '/api/logout', {})
    this.mine = null
    await link.stop(shared)
    if (shared && person !== undefined) await wipeInk(person)
  }
}

export const session = new Session()
