/** The one connection to the server, and the only user of socket.io-client. */
import { io } from 'socket.io-client'
import { createSubscriber } from 'svelte/reactivity'
import { clock } from './clock.svelte'
import type { Commands, Envelope, Sync } from './contract.gen'
import { Feed, type Sink } from './feed'
import { Outbox } from './outbox'
import { type Answer, Refusal, resultOf } from './refusal'

export type LinkState = 'connecting' | 'good' | 'weak' | 'lost'

/** An acknowledgement that takes longer is asked for again, with the same op_id. */
const ACK_MS = 8_000
/** A link that acknowledges more slowly than this is weak. */
const WEAK_MS = 1_500
/** A weak link is tried this often, until it is good again. */
const PROBE_MS = 5_000
/** A connection that seems to live must prove it within this time when the network or the screen comes back. */
const PROOF_MS = 3_000

/** What this file needs of a socket.io socket. */
export interface Socket {
  readonly connected: boolean
  /** It tries to connect, or is connected. */
  readonly active: boolean
  readonly io: { engine?: { close(): void } }
  on(event: string, listener: (...args: never[]) => void): unknown
  timeout(ms: number): { emitWithAck(event: string, payload: unknown): Promise<unknown> }
  connect(): unknown
  disconnect(): unknown
}

export interface SendOptions {
  /** The command must reach the server however long that takes, even over a reload: ballots, requests for the floor, receipts. */
  keep?: boolean
  /** With `keep`: takes the place of a waiting command with the same key. */
  key?: string
}

type Listener = (body: never, meetingId: number) => void

interface Signal {
  meeting_id: number
  name: string
  body: unknown
}

function openSocket(): Socket {
  return io({
    transports: ['websocket'],
    timeout: 5_000,
    autoConnect: false,
    reconnectionDelay: 1_000,
    reconnectionDelayMax: 5_000,
    randomizationFactor: 0.5,
  })
}

export class Link {
  readonly #socket: Socket
  readonly #feeds = new Map<number, Feed>()
  readonly #catching = new Map<Feed, Promise<void>>()
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #offline = new Set<() => void>()
  readonly #watched: () => void
  #changed: () => void = () => undefined
  #state: LinkState = 'connecting'
  #probing: ReturnType<typeof setTimeout> | undefined
  #account: number | null = null
  /** Counts accounts: nothing that one person asked for may go out under the next one's session. */
  #visit = 0
  #outbox: Outbox | null = null

  /** The session is gone: the person has to log in (or pair the tablet) again. */
  onlogin: () => void = () => undefined
  /** A kept command of an earlier visit was refused; nobody waits for it any more. */
  onrefused: (refusal: Refusal, name: string) => void = () => undefined

  constructor(socket: Socket = openSocket()) {
    this.#socket = socket
    this.#watched = createSubscriber((update) => {
      this.#changed = update
    })
    socket.on('connect', () => this.#connected())
    socket.on('disconnect', (reason: string) => this.#lost(reason))
    socket.on('connect_error', (error: Error) => this.#failed(error))
    socket.on('restarting', (body: { retry_after: number }) => this.#comeBack(body.retry_after))
    socket.on('event', (envelope: Envelope) => this.#arrived(envelope))
    socket.on('signal', (signal: Signal) => this.#signalled(signal))
  }

  /** For the pill; reactive. */
  get state(): LinkState {
    this.#watched()
    return this.#state
  }

  /** Whose visit this is; null after they have left. */
  get account(): number | null {
    return this.#account
  }

  /** The server's time in milliseconds since 1970. */
  now(): number {
    return clock.read()
  }

  /** Connect for this account (a person's id) and take up what it left unsent on this device. */
  async start(account: number): Promise<void> {
    if (this.#account === account) return
    await this.stop()
    this.#account = account
    this.#outbox = new Outbox(
      account,
      (kept) => this.#ask('command', { name: kept.name, op_id: kept.op_id, order: kept.order }, null),
      (refusal, name) => this.onrefused(refusal, name),
    )
    await this.#outbox.load()
    this.#set('connecting')
    this.#socket.connect()
  }

  /** Leave: at logout, or when a shared tablet is given back. What was not sent stays on the device for its account;
      `wipe` takes it away. */
  async stop(wipe = false): Promise<void> {
    this.#visit += 1
    this.#account = null
    this.#feeds.clear()
    this.#socket.disconnect()
    this.#release()
    const outbox = this.#outbox
    this.#outbox = null
    await outbox?.close(wipe)
  }

  /** Do something: resolves with the result once it is on the server's disk. Rejects with a Refusal; its code is `offline` when the
      server could not be reached for 8 s, but never with `keep`. */
  async send<N extends keyof Commands>(
    name: N,
    order: Commands[N]['order'],
    { keep = false, key }: SendOptions = {},
  ): Promise<Commands[N]['result']> {
    const op_id = crypto.randomUUID()
    if (!keep) return resultOf(await this.#ask('command', { name, op_id, order }, performance.now() + ACK_MS))
    if (!this.#outbox) throw new Refusal('login')
    return this.#outbox.send({ op_id, name, order, key })
  }

  /** Something that is not a command and not journalled, such as an offer for a call. */
  async request<R = unknown>(event: string, payload: object): Promise<R> {
    return resultOf<R>(await this.#ask(event, payload, performance.now() + ACK_MS))
  }

  /** Follow a meeting (0: the house): `sink` gets a snapshot, then every event once and in order, also after any time away.
      Rejects with a Refusal when it may not be seen. Returns how to leave. */
  async join(meetingId: number, sink: Sink): Promise<() => void> {
    const feed = new Feed(sink)
    this.#feeds.set(meetingId, feed)
    const leave = () => {
      if (this.#feeds.get(meetingId) === feed) this.#feeds.delete(meetingId)
    }
    try {
      await this.#catchUp(meetingId, feed)
    } catch (refusal) {
      leave()
      throw refusal
    }
    return leave
  }

  /** Listen to a signal of the server (presence, slots): what is not journalled and not repeated. Returns how to stop. */
  on<B>(name: string, listener: (body: B, meetingId: number) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener as Listener))
    return () => listeners.delete(listener as Listener)
  }

  /** The network or the screen came back: find out at once whether the connection still lives, and what was missed. */
  async wake(): Promise<void> {
    if (this.#account === null) return
    if (!this.#socket.connected) return this.#comeBack(0.15)
    const dead = setTimeout(() => this.#socket.io.engine?.close(), PROOF_MS)
    await this.#catchUpAll()
    clearTimeout(dead)
  }

  // --- asking

  /** Ask until there is an answer, over any number of connections. Throws `offline` at `until` (of performance.now), or when the
      account has changed. */
  async #ask(event: string, payload: unknown, until: number | null): Promise<Answer> {
    const visit = this.#visit
    for (;;) {
      await this.#online(until)
      const asked = performance.now()
      if (visit !== this.#visit || (until !== null && asked >= until)) throw new Refusal('offline')
      const slow = setTimeout(() => this.#measured(WEAK_MS + 1), WEAK_MS)
      try {
        const patience = until === null ? ACK_MS : Math.min(ACK_MS, until - asked)
        const answer = (await this.#socket.timeout(patience).emitWithAck(event, payload)) as Answer
        this.#measured(performance.now() - asked)
        if (answer.ok) return answer
        if (answer.error.code === 'login') this.onlogin()
        if (answer.error.code !== 'rate_limited' || until !== null) return answer
        await pause((answer.error.detail as { retry_after?: number } | null)?.retry_after ?? 1)
      } catch {
        // No acknowledgement on this connection. The op_id makes asking again harmless.
      } finally {
        clearTimeout(slow)
      }
    }
  }

  /** Resolves when there is a connection, or when it is time to give up. */
  #online(until: number | null): Promise<void> {
    if (this.#socket.connected) return Promise.resolve()
    return new Promise((done) => {
      const go = () => {
        clearTimeout(timer)
        this.#offline.delete(go)
        done()
      }
      const timer = until === null ? undefined : setTimeout(go, until - performance.now())
      this.#offline.add(go)
    })
  }

  #release(): void {
    for (const go of [...this.#offline]) go()
  }

  // --- what arrives

  #arrived(envelope: Envelope): void {
    const feed = this.#feeds.get(envelope.meeting_id)
    if (feed && !feed.receive(envelope)) this.#catchUp(envelope.meeting_id, feed).catch(() => undefined)
  }

  #signalled({ meeting_id, name, body }: Signal): void {
    const feed = this.#feeds.get(meeting_id)
    if (name === 'resync' && feed) {
      // What may be seen has changed, with one's role or point: everything is fetched anew.
      feed.forget()
      this.#catchUp(meeting_id, feed).catch(() => undefined)
    }
    for (const listener of this.#listeners.get(name) ?? []) listener(body as never, meeting_id)
  }

  #catchUp(meetingId: number, feed: Feed): Promise<void> {
    let going = this.#catching.get(feed)
    if (!going) {
      going = this.#sync(meetingId, feed).finally(() => this.#catching.delete(feed))
      this.#catching.set(feed, going)
    }
    return going
  }

  async #catchUpAll(): Promise<void> {
    await Promise.allSettled([...this.#feeds].map(([meetingId, feed]) => this.#catchUp(meetingId, feed)))
  }

  async #sync(meetingId: number, feed: Feed): Promise<void> {
    try {
      for (let complete = false; !complete && this.#feeds.get(meetingId) === feed; ) {
        const order = { meeting_id: meetingId, since: feed.asking() }
        const asked = performance.now()
        const sync = resultOf<Sync>(await this.#ask('sync', order, null))
        clock.set(sync.now, Math.min(ACK_MS, performance.now() - asked) / 2)
        complete = feed.synced(sync)
      }
    } catch (refusal) {
      feed.refused(refusal as Refusal)
      throw refusal
    }
  }

  // --- the connection

  #connected(): void {
    this.#set('good')
    this.#release()
    void this.#catchUpAll()
    void this.#outbox?.pump()
  }

  #lost(reason: string): void {
    if (this.#account === null) return
    this.#set('lost')
    // socket.io comes back by itself, except when the server closed the socket.
    if (reason === 'io server disconnect') this.#comeBack(0.5)
  }

  #failed(error: Error): void {
    if (error.message === 'login') {
      void this.stop()
      this.onlogin()
      return
    }
    this.#set('lost')
    // A refused handshake is not tried again by socket.io itself.
    if (!this.#socket.active) this.#comeBack(2)
  }

  /** Connect again after `seconds` and up to as long again, so that five hundred tablets do not come at once. */
  #comeBack(seconds: number): void {
    const visit = this.#visit
    this.#set('lost')
    this.#socket.disconnect()
    setTimeout(() => visit === this.#visit && this.#socket.connect(), seconds * 1000 * (1 + Math.random()))
  }

  #measured(ms: number): void {
    if (this.#socket.connected) this.#set(ms > WEAK_MS ? 'weak' : 'good')
  }

  #set(state: LinkState): void {
    clearTimeout(this.#probing)
    if (state === 'weak') this.#probing = setTimeout(() => void this.#catchUpAll(), PROBE_MS)
    if (state === this.#state) return
    this.#state = state
    this.#changed()
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, seconds * 1000))
}

export const link = new Link()

window.addEventListener('online', () => void link.wake())
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void link.wake())
