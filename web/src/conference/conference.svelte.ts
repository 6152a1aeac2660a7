/** One browser's part in a meeting's pictures and sound: who is seen in which slot, and how it comes back after any trouble. */
import { untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import { Call, type CallStats, type Offer, type Shown } from '../call'
import type { Joined, Kind, Moved, PeerReport, SendingChanged, SlotsChanged } from '../contract.gen'
import { link } from '../link'
import { Refusal } from '../refusal'

export interface Picture {
  track: MediaStreamTrack
  peer: string
  kind: Kind
}

export interface ConferenceOptions {
  meetingId: number
  /** Places for thumbnails beside the stage. */
  gallery: number
  /** How many of them are looked at to begin with, when not all; `turn` says it later. */
  shown?: number
  /** Voices at a time; 0: silent, as in the hall, where the loudspeakers are. */
  voices: number
  /** Looks on and sends nothing. */
  receiveOnly?: boolean
  /** Shows something and looks at nothing. */
  blind?: boolean
  /** Only to measure the link: nobody is shown our picture or hears our sound but we ourselves. */
  trial?: boolean
}

/** Between attempts to come in, at first and at most. */
const PAUSE_MS: [number, number] = [1_000, 8_000]

/** To be made while a component starts; it leaves when the component goes. */
export class Conference {
  readonly #options: ConferenceOptions
  #call: Call | undefined
  #peer: string | null = null
  #iceServers: RTCIceServer[] = []
  #page: { page: number; gallery: number } | null = null
  #left = false
  #arriving = false
  #camera: MediaStreamTrack | null = null
  #mic: MediaStreamTrack | null = null

  state = $state<'joining' | 'connected' | 'lost'>('joining')
  /** Another machine has taken our place. */
  taken = $state(false)
  /** Why there are no pictures, when the server has said it. */
  refusal = $state.raw<Refusal | null>(null)
  /** By slot: who is seen, and who is heard. The slot called `stage` is the large one. */
  readonly pictures: Map<string, Picture> = new SvelteMap()
  readonly sounds: Map<string, Picture> = new SvelteMap()
  stage = $state<string | null>(null)
  /** Our screen, while everybody is shown it. */
  screen = $state.raw<MediaStreamTrack | null>(null)
  /** What the node measured last. */
  report = $state.raw<PeerReport | null>(null)

  constructor(options: ConferenceOptions) {
    this.#options = options
    const stops = [
      link.on<SlotsChanged>('slots', (body) => body.peer === this.#peer && this.#show(body.slots as Shown[])),
      // Whoever measures the link sends all they can, whatever comes back of it.
      link.on<SendingChanged>('sending', (body) => body.peer === this.#peer && !options.trial && this.#call?.pause(body.sources)),
      link.on<PeerReport>('link', (body) => body.peer === this.#peer && (this.report = body)),
      link.on<Moved>('moved', (body) => body.peer === this.#peer && this.#call?.moved()),
      link.on<{ peer: string }>('taken', (body) => body.peer === this.#peer && this.#yield()),
    ]
    const online = $derived(link.state === 'good' || link.state === 'weak')
    $effect(() => {
      if (online) untrack(() => void this.#arrive())
    })
    $effect(() => () => {
      for (const stop of stops) stop()
      this.leave()
    })
  }

  get stagePicture(): Picture | undefined {
    return this.pictures.get(this.stage ?? '')
  }

  /** Who is seen beside the stage, in the order of the slots. */
  get thumbnails(): Picture[] {
    return [...this.pictures].filter(([mid]) => mid !== this.stage).sort(([a], [b]) => Number(a) - Number(b)).map(([, picture]) => picture)
  }

  setCamera(track: MediaStreamTrack | null): void {
    this.#camera = track
    void this.#call?.setCamera(track)
  }

  setMic(track: MediaStreamTrack | null): void {
    this.#mic = track
    void this.#call?.setMic(track)
  }

  /** Show everybody our screen (a track of `getDisplayMedia`), until `unshare` or until the browser's own button ends it. */
  async share(track: MediaStreamTrack): Promise<void> {
    this.screen = track
    track.addEventListener('ended', () => this.screen === track && void this.unshare().catch(() => undefined))
    await this.#call?.setScreen(track)
    try {
      await this.#tellShare()
    } catch (thrown) {
      this.#stopScreen()
      throw thrown
    }
  }

  async unshare(): Promise<void> {
    this.#stopScreen()
    await this.#tellShare()
  }

  /** Look at other thumbnails, so many on one page. */
  async turn(page: number, gallery = this.#options.gallery): Promise<void> {
    this.#page = { page, gallery: Math.min(gallery, this.#options.gallery) }
    await link.request('media.view', { peer: this.#peer, ...this.#page })
  }

  async stats(): Promise<CallStats | undefined> {
    return this.#call?.stats()
  }

  /** Take the place back from another machine. */
  async takeBack(): Promise<void> {
    this.taken = false
    await this.#arrive()
  }

  leave(): void {
    if (this.#left) return
    this.#left = true
    this.#stopScreen()
    this.#call?.close()
    if (this.#peer) link.request('media.leave', { peer: this.#peer }).catch(() => undefined)
  }

  #stopScreen(): void {
    if (!this.screen) return
    this.screen.stop()
    this.screen = null
    void this.#call?.setScreen(null)
  }

  /** Before we are in, joining tells it. */
  async #tellShare(): Promise<void> {
    if (this.#peer) await link.request('media.share', { peer: this.#peer, on: this.screen !== null })
  }

  #yield(): void {
    this.taken = true
    this.#stopScreen()
    this.#call?.close()
    this.#call = undefined
    this.#clear()
  }

  /** Come in, or come back with the name we had: then pictures have gone on meanwhile. */
  async #arrive(): Promise<void> {
    if (this.#arriving) return
    this.#arriving = true
    for (let pause = PAUSE_MS[0]; !this.#left && !this.taken; pause = Math.min(PAUSE_MS[1], pause * 2)) {
      try {
        if (await this.#join()) await this.#connect()
        else this.#call?.retry()
        this.refusal = null
        break
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) console.error(thrown)
        this.refusal = thrown instanceof Refusal ? thrown : new Refusal('internal')
      }
      await wait(pause * (0.5 + Math.random() / 2))
    }
    this.#arriving = false
  }

  /** Whether a new call is needed. */
  async #join(): Promise<boolean> {
    const { meetingId, trial = false } = this.#options
    const before = this.#peer
    const gallery = this.#page?.gallery ?? this.#options.shown ?? this.#options.gallery
    const order = { meeting_id: meetingId, peer: before, gallery, trial }
    const joined = await link.request<Joined>('media.join', order)
    this.#peer = joined.peer
    this.#iceServers = joined.ice_servers ?? []
    // What a server that was restarted has forgotten.
    if (this.#page?.page) await link.request('media.view', { peer: this.#peer, ...this.#page })
    if (this.screen) await this.#tellShare()
    return this.#peer !== before || !this.#call
  }

  async #connect(): Promise<void> {
    this.#call?.close()
    this.#clear()
    const { gallery, voices, receiveOnly = false, blind = false } = this.#options
    const call = new Call((offer) => this.#offer(offer), {
      video: blind ? 0 : gallery + 1,
      audio: voices,
      receiveOnly,
      iceServers: this.#iceServers,
    })
    call.onpicture = (mid, track, peer, kind) => this.#picture(mid, track, peer, kind)
    call.onstate = (state) => (this.state = state)
    await Promise.all([call.setCamera(this.#camera), call.setMic(this.#mic), call.setScreen(this.screen)])
    this.#call = call
    try {
      await call.start()
    } catch (thrown) {
      this.#call = undefined
      throw thrown
    }
  }

  /** A server that was restarted does not know us any more. */
  async #offer(offer: Offer): Promise<{ sdp: string }> {
    const order = () => ({ meeting_id: this.#options.meetingId, peer: this.#peer, ...offer })
    try {
      return await link.request('media.offer', order())
    } catch (thrown) {
      if (!(thrown instanceof Refusal && thrown.code === 'not_planned')) throw thrown
      await this.#join()
      return link.request('media.offer', order())
    }
  }

  #show(slots: Shown[]): void {
    this.stage = slots[0]?.mid ?? null
    this.#call?.showSlots(slots)
    for (const { mid, peer } of slots) if (!peer) this.#forget(mid)
  }

  #picture(mid: string, track: MediaStreamTrack, peer: string | null, kind: Kind | null): void {
    if (!peer || !kind) this.#forget(mid)
    else (track.kind === 'video' ? this.pictures : this.sounds).set(mid, { track, peer, kind })
  }

  #forget(mid: string): void {
    this.pictures.delete(mid)
    this.sounds.delete(mid)
  }

  #clear(): void {
    this.state = 'joining'
    this.pictures.clear()
    this.sounds.clear()
    this.report = null
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
