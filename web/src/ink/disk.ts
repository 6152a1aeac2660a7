/** One person's marks on this device's disk: written at pen-up, there again after a reload and without a network. A mark that is
    `dirty` has not reached the server. Where the browser has no disk for us (private windows) a reload fetches them anew. */
import type { DBSchema, IDBPDatabase } from 'idb'
import type { Mark } from '../contract.gen'
import { opened } from '../disk'

export interface LocalMark extends Mark {
  erased: boolean
  dirty: boolean
  /** Milliseconds since 1970, for showing when it was made. */
  at: number
}

interface Kept extends DBSchema {
  marks: { key: [account: number, meeting: number, key: string]; value: { account: number; meeting: number; mark: LocalMark } }
  /** Up to which revision this device knows the server's. */
  revisions: { key: [account: number, meeting: number]; value: number }
}

let kept: Promise<IDBPDatabase<Kept> | null> | undefined

function disk(): Promise<IDBPDatabase<Kept> | null> {
  kept ??= opened<Kept>('ink', (database) => {
    database.createObjectStore('marks')
    database.createObjectStore('revisions')
  })
  return kept
}

export class InkDisk {
  constructor(
    private readonly account: number,
    private readonly meeting: number,
  ) {}

  async load(): Promise<{ marks: LocalMark[]; revision: number }> {
    const found = await disk()
    const rows = (await found?.getAll('marks', this.#all())) ?? []
    return { marks: rows.map(({ mark }) => mark), revision: (await found?.get('revisions', [this.account, this.meeting])) ?? 0 }
  }

  /** On the disk when it resolves. What is erased and no longer dirty leaves it. */
  async keep(marks: readonly LocalMark[], revision?: number): Promise<void> {
    const found = await disk()
    if (!found) return
    const change = found.transaction(['marks', 'revisions'], 'readwrite')
    const store = change.objectStore('marks')
    for (const mark of marks) {
      const key: [number, number, string] = [this.account, this.meeting, mark.key]
      if (mark.erased && !mark.dirty) void store.delete(key)
      else void store.put({ account: this.account, meeting: this.meeting, mark }, key)
    }
    if (revision !== undefined) void change.objectStore('revisions').put(revision, [this.account, this.meeting])
    await change.done
  }

  #all(): IDBKeyRange {
    return IDBKeyRange.bound([this.account, this.meeting, ''], [this.account, this.meeting, '\uffff'])
  }
}

/** Take everything of an account off this device: a shared tablet is given back. */
export async function wipeInk(account: number): Promise<void> {
  const found = await disk()
  await found?.delete('marks', IDBKeyRange.bound([account], [account + 1], false, true))
  await found?.delete('revisions', IDBKeyRange.bound([account], [account + 1], false, true))
}
