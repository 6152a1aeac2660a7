import type { DBSchema, IDBPDatabase } from 'idb'
import { opened } from './disk'
import { type Answer, Refusal, resultOf } from './refusal'

/** A command that must reach the server, however long that takes. */
export interface Kept {
  op_id: string
  name: string
  order: object
  /** A later command with the same key takes the place of this one while it waits: only the last page count of a paper matters. */
  key?: string
}

interface Waiting {
  done(result: never): void
  failed(reason: unknown): void
}

interface Unsent extends DBSchema {
  outbox: { key: number; value: Kept & { account: number }; indexes: { account: number; op_id: string } }
}

/** The unacknowledged commands of one account, in order and on this device's disk. Where the browser has no disk for us (private
    windows) a reload loses them. `post` asks the server until there is an answer; it throws when the account has changed. */
export class Outbox {
  readonly #disk: Promise<IDBPDatabase<Unsent> | null>
  readonly #waiting = new Map<string, Waiting[]>()
  #queue: Kept[] = []
  #posting = false

  constructor(
    private readonly account: number,
    private readonly post: (kept: Kept) => Promise<Answer>,
    /** A command of an earlier visit was refused; nobody waits for it any more. */
    private readonly onrefused: (refusal: Refusal, name: string) => void,
  ) {
    this.#disk = opened<Unsent>('outbox', (database) => {
      const store = database.createObjectStore('outbox', { autoIncrement: true })
      store.createIndex('account', 'account')
      store.createIndex('op_id', 'op_id')
    })
  }

  /** Take up what an earlier visit left unsent. */
  async load(): Promise<void> {
    const left = (await (await this.#disk)?.getAllFromIndex('outbox', 'account', this.account)) ?? []
    this.#queue.unshift(...left.map(({ op_id, name, order, key }) => ({ op_id, name, order, key })))
  }

  /** Resolves with the result, or rejects with the server's refusal. */
  send<R>(kept: Kept): Promise<R> {
    return new Promise<R>((done, failed) => {
      const waiting: Waiting[] = [{ done, failed }]
      // The first of the queue may be on its way; the others only wait.
      const earlier = this.#queue.find((one, place) => kept.key && one.key === kept.key && !(place === 0 && this.#posting))
      if (earlier) {
        this.#queue = this.#queue.filter((one) => one !== earlier)
        waiting.push(...this.#taken(earlier))
      }
      this.#waiting.set(kept.op_id, waiting)
      this.#queue.push(kept)
      void this.#write(kept)
      void this.pump()
    })
  }

  /** Send what waits, one after the other, so that a later choice never overtakes an earlier one. */
  async pump(): Promise<void> {
    if (this.#posting) return
    this.#posting = true
    for (let kept = this.#queue[0]; kept; kept = this.#queue[0]) {
      const answer = await this.post(kept).catch(() => null)
      if (!answer || (!answer.ok && answer.error.code === 'login')) break
      this.#queue.shift()
      this.#settle(kept.name, this.#taken(kept), answer)
    }
    this.#posting = false
  }

  /** Those who wait are told; the commands stay on the disk for the account, unless `wipe`. */
  async close(wipe = false): Promise<void> {
    this.#queue = []
    for (const { failed } of [...this.#waiting.values()].flat()) failed(new Refusal('login'))
    this.#waiting.clear()
    if (wipe) await this.#erase('account', this.account)
    ;(await this.#disk)?.close()
  }

  #settle(name: string, waiting: Waiting[], answer: Answer): void {
    try {
      const result = resultOf<never>(answer)
      for (const { done } of waiting) done(result)
    } catch (refusal) {
      if (!waiting.length) this.onrefused(refusal as Refusal, name)
      for (const { failed } of waiting) failed(refusal)
    }
  }

  /** Off the disk; returns who waits for it. */
  #taken({ op_id }: Kept): Waiting[] {
    const waiting = this.#waiting.get(op_id) ?? []
    this.#waiting.delete(op_id)
    void this.#erase('op_id', op_id)
    return waiting
  }

  async #write(kept: Kept): Promise<void> {
    await (await this.#disk)?.add('outbox', { ...kept, account: this.account })
  }

  async #erase(index: 'account' | 'op_id', value: number | string): Promise<void> {
    const store = (await this.#disk)?.transaction('outbox', 'readwrite').store
    for (const key of (await store?.index(index).getAllKeys(IDBKeyRange.only(value))) ?? []) await store?.delete(key)
  }
}
