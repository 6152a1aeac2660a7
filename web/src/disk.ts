/** What this tablet keeps on its disk to open without a network: who was here last, their meetings as they were last seen, and which
    blobs belong to which paper. The blobs themselves are in the Cache; see documents/storage.ts. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
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
  version: number
  hashes: string[]
}

interface Kept extends DBSchema {
  visit: { key: 'mine'; value: object }
  meetings: { key: number; value: KeptMeeting }
  papers: { key: [number, number, number]; value: KeptPaper }
  blobs: { key: string; value: { sha256: string; size: number; used: number } }
}

let opened: Promise<IDBPDatabase<Kept> | null> | undefined

/** Null where the browser keeps nothing for us (private windows). */
export function disk(): Promise<IDBPDatabase<Kept> | null> {
  opened ??= open().catch(() => null)
  return opened
}

async function open(): Promise<IDBPDatabase<Kept>> {
  return openDB<Kept>('meetroom-papers', 1, {
    upgrade(database) {
      database.createObjectStore('visit')
      database.createObjectStore('meetings', { keyPath: 'id' })
      database.createObjectStore('papers', { keyPath: ['meeting', 'paper', 'version'] })
      database.createObjectStore('blobs', { keyPath: 'sha256' })
    },
  })
}
