/** What this tablet keeps on its disk to open without a network: who was here last, their meetings as they were last seen, and which
    blobs belong to which paper. The blobs themselves are in the Cache; see documents/storage.ts. */
import { type DBSchema, type IDBPDatabase, openDB, type OpenDBCallbacks } from 'idb'
import type { Me, Snapshot } from './contract.gen'

export interface KeptMeeting {
  id: number
  snapshot: Snapshot
  me: Me
  /** When it was seen, ms since 1970 by this tablet's clock. */
  at: number
}

/** The blobs of one version of a paper. */
export interface KeptPaper {
  meeting: number
  paper: number
  /** 0: its first page, which comes before there is a manifest. */
  version: number
  hashes: string[]
}

interface Kept extends DBSchema {
  visit: { key: 'mine'; value: object }
  meetings: { key: number; value: KeptMeeting }
  papers: { key: [number, number, number]; value: KeptPaper }
  blobs: { key: string; value: { sha256: string; size: number; used: number } }
}

let kept: Promise<IDBPDatabase<Kept> | null> | undefined

/** As `opened` says. */
export function disk(): Promise<IDBPDatabase<Kept> | null> {
  kept ??= opened<Kept>('papers', (database) => {
    database.createObjectStore('visit')
    database.createObjectStore('meetings', { keyPath: 'id' })
    database.createObjectStore('papers', { keyPath: ['meeting', 'paper', 'version'] })
    database.createObjectStore('blobs', { keyPath: 'sha256' })
  })
  return kept
}

/** One of this app's databases; null where the browser keeps nothing for us (private windows). */
export async function opened<S extends DBSchema>(name: string, upgrade: NonNullable<OpenDBCallbacks<S>['upgrade']>): Promise<IDBPDatabase<S> | null> {
  try {
    return await openDB<S>(`meetroom-${name}`, 1, { upgrade })
  } catch {
    return null
  }
}
