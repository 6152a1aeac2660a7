import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Envelope, Sync } from './contract.gen'
import { Link, type Socket } from './link'
import { Refusal } from './refusal'

type Ack = (answer: unknown) => void
interface Sent {
  event: string
  payload: { name: string; op_id: string; order: object; since?: number | null; meeting_id?: number }
  ack: Ack
}

/** A socket whose server is the test: what was sent lies in `sent`, `answer` acknowledges it, `drop` cuts the line. */
class FakeSocket implements Socket {
  connected = false
  active = false
  io = { engine: { close: () => this.drop('transport close') } }
  sent: Sent[] = []
  #listeners = new Map<string, (...args: never[]) => void>()
  #pending = new Set<() => void>()

  on(event: string, listener: (...args: never[]) => void): void {
    this.#listeners.set(event, listener)
  }

  tell(event: string, ...args: unknown[]): void {
    this.#listeners.get(event)?.(...(args as never[]))
  }

  timeout(ms: number) {
    return {
      emitWithAck: (event: string, payload: unknown) =>
        new Promise<unknown>((done, failed) => {
          const lost = () => failed(new Error('no acknowledgement'))
          const timer = setTimeout(lost, ms)
          this.#pending.add(lost)
          this.sent.push({
            event,
            payload: payload as Sent['payload'],
            ack: (answer) => {
              clearTimeout(timer)
              done(answer)
            },
          })
        }),
    }
  }

  connect(): void {
    this.active = true
  }

  disconnect(): void {
    this.active = false
    if (this.connected) this.drop('io client disconnect')
  }

  /** The server accepts. */
  open(): void {
    this.active = this.connected = true
    this.tell('connect')
  }

  drop(reason = 'transport close'): void {
    this.connected = false
    this.tell('disconnect', reason)
    for (const lost of this.#pending) lost()
    this.#pending.clear()
  }

  /** What the server received since the last look. */
  async received(): Promise<Sent[]> {
    await settle()
    return this.sent.splice(0)
  }
}

const ok = (result: unknown = null) => ({ ok: true, result })
const no = (code: string, detail: unknown = null) => ({ ok: false, error: { code, detail } })
const settle = () => vi.advanceTimersByTimeAsync(50)
const ballot = (choice: 'for' | 'against') => ['vote.cast', { meeting_id: 1, vote_id: 5, answers: [[choice]] as string[][] }] as const
const names = (sent: Sent[]) => sent.map(({ payload }) => payload.name)

let socket: FakeSocket
let link: Link

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date', 'setImmediate'] })
  globalThis.indexedDB = new IDBFactory()
  socket = new FakeSocket()
  link = new Link(socket)
})
afterEach(() => vi.useRealTimers())

async function start(account = 7): Promise<void> {
  const started = link.start(account)
  await settle()
  await started
  socket.open()
  await settle()
}

test('a command is acknowledged, or refused with its code and detail', async () => {
  await start()
  const cast = link.send(...ballot('for'))
  const [first] = await socket.received()
  expect(first!.event).toBe('command')
  expect(first!.payload.order).toEqual({ meeting_id: 1, vote_id: 5, answers: [['for']] })
  first!.ack(ok({ id: 5 }))
  expect(await cast).toEqual({ id: 5 })

  const refused = link.send(...ballot('for')).catch((thrown: unknown) => thrown)
  const [second] = await socket.received()
  expect(second!.payload.op_id).not.toBe(first!.payload.op_id)
  second!.ack(no('wrong_state', { state: 'closed' }))
  expect(await refused).toEqual(new Refusal('wrong_state', { state: 'closed' }))
  expect(((await refused) as Refusal).detail).toEqual({ state: 'closed' })
})

test('without a connection a command gives up after 8 s', async () => {
  await start()
  socket.drop()
  const refused = link.send(...ballot('for')).catch((thrown: Refusal) => thrown.code)
  await vi.advanceTimersByTimeAsync(8_100)
  expect(await refused).toBe('offline')
  socket.open()
  expect(await socket.received()).toEqual([])
})

test('a command whose acknowledgement was lost goes out again with the same op_id, while there is time', async () => {
  await start()
  const cast = link.send(...ballot('for'))
  const [first] = await socket.received()
  socket.drop()
  socket.open()
  const [again] = await socket.received()
  expect(again!.payload).toEqual(first!.payload)
  again!.ack(ok('stored'))
  expect(await cast).toBe('stored')
})

test('a kept command waits for the connection however long, and is delivered once', async () => {
  await start()
  socket.drop()
  const cast = link.send(...ballot('for'), { keep: true })
  await vi.advanceTimersByTimeAsync(600_000)
  socket.open()
  const [one, ...more] = await socket.received()
  expect(more).toEqual([])
  one!.ack(ok('stored'))
  expect(await cast).toBe('stored')
  socket.drop()
  socket.open()
  expect(await socket.received()).toEqual([])
})

test('kept commands go one after the other, in order', async () => {
  await start()
  void link.send(...ballot('for'), { keep: true })
  void link.send('floor.request', { meeting_id: 1 }, { keep: true })
  const [first, ...none] = await socket.received()
  expect(none).toEqual([])
  expect(first!.payload.name).toBe('vote.cast')
  first!.ack(ok())
  expect(names(await socket.received())).toEqual(['floor.request'])
})

test('a later kept command with the same key takes the place of a waiting one; both senders are told', async () => {
  await start()
  socket.drop()
  const blocking = link.send('floor.request', { meeting_id: 1 }, { keep: true })
  await settle()
  const first = link.send(...ballot('for'), { keep: true, key: 'vote 5' })
  const second = link.send(...ballot('against'), { keep: true, key: 'vote 5' })
  socket.open()
  const [request] = await socket.received()
  request!.ack(ok())
  await blocking
  const [cast, ...more] = await socket.received()
  expect(more).toEqual([])
  expect(cast!.payload.order).toMatchObject({ answers: [['against']] })
  cast!.ack(ok('stored'))
  expect(await first).toBe('stored')
  expect(await second).toBe('stored')
  expect(await socket.received()).toEqual([])
})

test('kept commands survive a reload, in order and with their op_id', async () => {
  await start()
  socket.drop()
  link.send(...ballot('for'), { keep: true }).catch(() => undefined)
  link.send('floor.request', { meeting_id: 1 }, { keep: true }).catch(() => undefined)
  await settle()

  socket = new FakeSocket()
  link = new Link(socket)
  const refusals: string[] = []
  link.onrefused = (refusal, name) => refusals.push(`${name} ${refusal.code}`)
  await start()
  const [cast] = await socket.received()
  expect(cast!.payload.order).toMatchObject({ answers: [['for']] })
  cast!.ack(ok())
  const [request] = await socket.received()
  request!.ack(no('already_asked'))
  await settle()
  expect(refusals).toEqual(['floor.request already_asked'])

  socket = new FakeSocket()
  link = new Link(socket)
  await start()
  expect(await socket.received()).toEqual([])
})

test('nothing of one account is ever sent under the next one', async () => {
  await start(7)
  const cast = link.send(...ballot('for'), { keep: true }).catch((thrown: Refusal) => thrown.code)
  const plain = link.send('member.arrive', { meeting_id: 1 }).catch((thrown: Refusal) => thrown.code)
  await socket.received()
  socket.drop()
  await start(8)
  expect(await cast).toBe('login')
  expect(await plain).toBe('offline')
  expect(await socket.received()).toEqual([])
  await start(7)
  expect(names(await socket.received())).toEqual(['vote.cast'])
})

test('a shared tablet that is given back keeps nothing', async () => {
  await start(7)
  socket.drop()
  link.send(...ballot('for'), { keep: true }).catch(() => undefined)
  await settle()
  const stopped = link.stop(true)
  await settle()
  await stopped
  await start(7)
  expect(await socket.received()).toEqual([])
})

test('when too many were sent, a kept command waits as long as the server says', async () => {
  await start()
  void link.send(...ballot('for'), { keep: true })
  const [first] = await socket.received()
  first!.ack(no('rate_limited', { retry_after: 3 }))
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await socket.received()).toEqual([])
  await vi.advanceTimersByTimeAsync(1_500)
  expect((await socket.received())[0]!.payload.op_id).toBe(first!.payload.op_id)
})

test('a session that is gone leads to the login, and kept commands stay for it', async () => {
  await start()
  const onlogin = vi.fn()
  link.onlogin = onlogin
  link.send(...ballot('for'), { keep: true }).catch(() => undefined)
  const [first] = await socket.received()
  first!.ack(no('login'))
  await settle()
  expect(onlogin).toHaveBeenCalledOnce()
  socket.drop()
  socket.open()
  expect((await socket.received())[0]!.payload.op_id).toBe(first!.payload.op_id)
})

test('a handshake refused for want of a session leads to the login and stops', async () => {
  await start()
  link.onlogin = vi.fn()
  socket.drop()
  socket.active = false
  socket.tell('connect_error', new Error('login'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(link.onlogin).toHaveBeenCalledOnce()
  expect(socket.active).toBe(false)
})

test('the pill: connecting, good, weak while an acknowledgement is slow, good again, lost', async () => {
  expect(link.state).toBe('connecting')
  await start()
  expect(link.state).toBe('good')
  void link.send(...ballot('for'))
  const [first] = await socket.received()
  await vi.advanceTimersByTimeAsync(1_600)
  expect(link.state).toBe('weak')
  first!.ack(ok())
  void link.send(...ballot('for'))
  for (const { ack } of await socket.received()) ack(ok())
  await settle()
  expect(link.state).toBe('good')
  socket.drop()
  expect(link.state).toBe('lost')
})

test('the server closing the socket, or restarting, is followed by coming back after a while', async () => {
  await start()
  socket.drop('io server disconnect')
  expect(socket.connected).toBe(false)
  await vi.advanceTimersByTimeAsync(1_100)
  expect(socket.active).toBe(true)
  socket.open()
  socket.tell('restarting', { retry_after: 2 })
  expect(socket.active).toBe(false)
  await vi.advanceTimersByTimeAsync(1_900)
  expect(socket.active).toBe(false)
  await vi.advanceTimersByTimeAsync(2_200)
  expect(socket.active).toBe(true)
})

const me: Sync['me'] = { person_id: 7, member_id: 3, point_id: null, roles: ['delegate'], grants: [] }
const sync = (revision: number, events: Envelope[] | null): Sync => ({
  meeting_id: 1,
  revision,
  now: '2026-12-08T02:47:18.000Z',
  me,
  heads: { meeting: revision },
  snapshot: events ? null : {},
  events: events ?? [],
})
const event = (seq: number, prev: number): Envelope => ({
  meeting_id: 1,
  room: 'meeting',
  prev,
  seq,
  at: '2026-12-08T02:47:18.000Z',
  name: 'item.changed',
  body: {},
})
const sink = () => ({ load: vi.fn(), apply: vi.fn(), seen: vi.fn(), refused: vi.fn() })

test('joining asks for a snapshot, sets the clock, and events follow', async () => {
  await start()
  const meeting = sink()
  const joined = link.join(1, meeting)
  const [asked] = await socket.received()
  expect(asked!.event).toBe('sync')
  expect(asked!.payload).toEqual({ meeting_id: 1, since: null })
  asked!.ack(ok(sync(4, null)))
  await joined
  expect(Math.abs(link.now() - Date.parse('2026-12-08T02:47:18.000Z'))).toBeLessThan(200)
  socket.tell('event', event(5, 4))
  socket.tell('event', event(5, 4))
  expect(meeting.apply.mock.calls.map(([{ seq }]) => seq)).toEqual([5])
  expect(await socket.received()).toEqual([])
})

test('a gap, and every new connection, asks for what was missed', async () => {
  await start()
  const meeting = sink()
  const joined = link.join(1, meeting)
  ;(await socket.received())[0]!.ack(ok(sync(4, null)))
  const leave = await joined
  socket.tell('event', event(7, 6))
  const [gap] = await socket.received()
  expect(gap!.payload.since).toBe(4)
  gap!.ack(ok(sync(7, [event(5, 4), event(6, 5), event(7, 6)])))
  await settle()
  socket.drop()
  socket.open()
  const [back] = await socket.received()
  expect(back!.payload.since).toBe(7)
  back!.ack(ok(sync(8, [event(8, 7)])))
  await settle()
  expect(meeting.apply.mock.calls.map(([{ seq }]) => seq)).toEqual([5, 6, 7, 8])
  leave()
  socket.drop()
  socket.open()
  expect(await socket.received()).toEqual([])
})

test('a meeting that may not be seen is refused to whoever joins', async () => {
  await start()
  const meeting = sink()
  const joined = link.join(9, meeting).catch((thrown: Refusal) => thrown.code)
  ;(await socket.received())[0]!.ack(no('not_found'))
  expect(await joined).toBe('not_found')
  expect(meeting.refused).toHaveBeenCalledOnce()
})

test('a dead connection is given up when the network comes back', async () => {
  await start()
  const joined = link.join(1, sink())
  ;(await socket.received())[0]!.ack(ok(sync(4, null)))
  await joined
  void link.wake()
  await socket.received()
  await vi.advanceTimersByTimeAsync(3_100)
  expect(socket.connected).toBe(false)
})

test('signals reach those who listen, until they stop', async () => {
  await start()
  const heard = vi.fn()
  const stop = link.on('presence', heard)
  socket.tell('signal', { meeting_id: 1, name: 'presence', body: { members: [3] } })
  stop()
  socket.tell('signal', { meeting_id: 1, name: 'presence', body: { members: [] } })
  expect(heard.mock.calls).toEqual([[{ members: [3] }, 1]])
})

test('when one’s role changes, the server says so and everything is fetched anew', async () => {
  await start()
  const meeting = sink()
  const joined = link.join(1, meeting)
  ;(await socket.received())[0]!.ack(ok(sync(4, null)))
  await joined
  socket.tell('signal', { meeting_id: 1, name: 'resync', body: null })
  const [asked] = await socket.received()
  expect(asked!.payload.since).toBeNull()
  asked!.ack(no('not_found'))
  await settle()
  expect(meeting.refused).toHaveBeenCalledOnce()
})
