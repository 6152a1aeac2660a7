import { beforeEach, expect, test } from 'vitest'
import type { Envelope, Me, Snapshot, Sync } from './contract.gen'
import { Feed, type Sink } from './feed'

/** Remembers what reached it: "snapshot", or the numbers of events. */
class Record implements Sink {
  told: (number | 'snapshot')[] = []
  load(_: Snapshot): void {
    this.told.push('snapshot')
  }
  apply({ seq }: Envelope): void {
    this.told.push(seq)
  }
  seen(_: Me): void {}
  refused(): void {}
}

const me: Me = { person_id: 7, member_id: 3, point_id: null, roles: ['delegate'], grants: [] }

function event(seq: number, prev: number, room = 'meeting'): Envelope {
  return { meeting_id: 1, room, prev, seq, at: '2026-12-08T02:47:18.000Z', name: 'item.changed', body: {} }
}

function answer(revision: number, heads: Sync['heads'], events: Envelope[] | null): Sync {
  return { meeting_id: 1, now: '2026-12-08T02:47:18.000Z', me, revision, heads, snapshot: events ? null : {}, events: events ?? [] }
}

let record: Record
let feed: Feed
beforeEach(() => {
  record = new Record()
  feed = new Feed(record)
  expect(feed.asking()).toBeNull()
  expect(feed.synced(answer(10, { meeting: 9, 'person:7': 10 }, null))).toBe(true)
})

test('events in order are applied once, repeats are ignored', () => {
  expect(feed.receive(event(11, 9))).toBe(true)
  expect(feed.receive(event(11, 9))).toBe(true)
  expect(feed.receive(event(4, 3))).toBe(true)
  expect(feed.receive(event(12, 10, 'person:7'))).toBe(true)
  expect(record.told).toEqual(['snapshot', 11, 12])
  expect(feed.revision).toBe(12)
})

test('an event of a fast noun that was already in the snapshot joins on', () => {
  expect(feed.receive(event(11, 7))).toBe(true)
  expect(record.told).toEqual(['snapshot', 11])
})

test('a gap asks from what is known of that room, and what arrives meanwhile waits', () => {
  feed.receive(event(12, 10, 'person:7'))
  expect(feed.receive(event(14, 11))).toBe(false)
  expect(feed.asking()).toBe(9)
  expect(feed.receive(event(15, 14))).toBe(true)
  expect(record.told).toEqual(['snapshot', 12])
  expect(feed.synced(answer(15, { meeting: 15, 'person:7': 12 }, [event(11, 9), event(12, 10, 'person:7'), event(14, 11), event(15, 14)]))).toBe(true)
  expect(record.told).toEqual(['snapshot', 12, 11, 14, 15])
})

test('what waited and is older than the answer is not applied again', () => {
  feed.asking()
  feed.receive(event(11, 9))
  expect(feed.synced(answer(11, { meeting: 11, 'person:7': 10 }, [event(11, 9)]))).toBe(true)
  expect(record.told).toEqual(['snapshot', 11])
})

test('events that do not join on to what is known need a whole snapshot', () => {
  feed.receive(event(13, 10, 'person:7'))
  expect(feed.asking()).toBe(13)
  expect(feed.synced(answer(15, { meeting: 15, 'person:7': 13 }, [event(15, 12)]))).toBe(false)
  expect(feed.asking()).toBeNull()
  expect(feed.synced(answer(15, { meeting: 15, 'person:7': 13 }, null))).toBe(true)
  expect(record.told).toEqual(['snapshot', 13, 'snapshot'])
})

test('a room whose newest event never came needs a whole snapshot', () => {
  feed.receive(event(13, 10, 'person:7'))
  feed.asking()
  expect(feed.synced(answer(13, { meeting: 12, 'person:7': 13 }, []))).toBe(false)
  expect(feed.asking()).toBeNull()
})

test('a new room of one’s own (a new role) needs a whole snapshot', () => {
  feed.asking()
  expect(feed.synced(answer(10, { meeting: 9, 'person:7': 10, secretaries: 8 }, []))).toBe(false)
})

test('any order, any repeats, any losses: after the last answer everything was applied', () => {
  let seed = 1
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
  for (let round = 0; round < 2000; round++) {
    const heads: Sync['heads'] = { meeting: 0, 'person:7': 0 }
    const journal: Envelope[] = []
    const known = new Set<number>()
    const feed = new Feed({
      load: () => journal.forEach(({ seq }) => known.add(seq)),
      apply: ({ seq }) => known.add(seq),
      seen: () => undefined,
      refused: () => undefined,
    })
    const sync = () => {
      const since = feed.asking()
      return feed.synced(
        answer(journal.length, { ...heads }, since === null || random(9) === 0 ? null : journal.filter(({ seq }) => seq > since)),
      )
    }
    while (!sync());
    for (let step = 0; step < 20; step++) {
      const room = random(2) ? 'meeting' : 'person:7'
      const told = event(journal.length + 1, heads[room]!, room)
      journal.push(told)
      heads[room] = told.seq
      const arriving = [random(4) ? told : null, random(5) ? null : journal[random(journal.length)]!]
      for (const one of arriving) if (one && !feed.receive(one)) while (!sync());
    }
    while (!sync());
    expect(known.size).toBe(journal.length)
  }
})
