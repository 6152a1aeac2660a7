/** Many small changes one after another: not faster than the server allows one connection, and told how far they are. */
import { attempt } from '../attempt'

/** Between two changes, in ms: 25 a second, where the server allows 40. */
const PACE_MS = 40

export class InTurn {
  done = $state(0)
  total = $state(0)

  get running(): boolean {
    return this.total > 0
  }

  /** Stops at the first that is refused or fails, which is told in a toast. */
  async each<T>(things: readonly T[], change: (thing: T) => Promise<unknown>): Promise<boolean> {
    if (this.running) return false
    this.done = 0
    this.total = things.length
    let good = true
    for (const thing of things) {
      good = await attempt(() => change(thing))
      if (!good) break
      this.done += 1
      await new Promise((next) => setTimeout(next, PACE_MS))
    }
    this.total = 0
    return good
  }
}
