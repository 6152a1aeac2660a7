/** The call with a media node, and the only RTCPeerConnection.

    We offer once: what we send (microphone, camera, screen) and a fixed number of slots in which we receive. People come, speak and go
    without another offer: the node binds them to slots, and the server tells us which slot shows whom (`showSlots`). */
import { worthSending } from './conference/sending'
import type { Kind, Layer, Watched } from './contract.gen'

/** What a slot shows; both null when it is empty. */
export interface Shown {
  mid: string
  peer: string | null
  kind: Kind | null
}

export interface Offer {
  sdp: string
  /** What each sending section is, by mid. */
  sources: Record<string, Kind>
}

export interface CallOptions {
  video?: number
  audio?: number
  receiveOnly?: boolean
  /** TURN servers, for networks without UDP. */
  iceServers?: RTCIceServer[]
}

/** Milliseconds, bytes, and the frames decoded so far in each slot. */
export interface CallStats {
  rttMs: number
  sent: number
  received: number
  lost: number
  frames: Record<string, number>
}

/** From the highest layer to the lowest: Chromium leaves out the last ones when the camera is small. */
const CAMERA: RTCRtpEncodingParameters[] = [
  { rid: 'f', maxBitrate: 900_000 },
  { rid: 'h', maxBitrate: 300_000, scaleResolutionDownBy: 2 },
  { rid: 'q', maxBitrate: 100_000, scaleResolutionDownBy: 4 },
]
const SCREEN: RTCRtpEncodingParameters[] = [{ maxBitrate: 1_500_000 }]

/** A connection that is interrupted often comes back by itself within this time. */
const GRACE_MS = 1_500
/** An attempt to connect that takes longer has failed. */
const ATTEMPT_MS = 6_000
/** Between attempts, at first and at most. */
const PAUSE_MS: [number, number] = [500, 8_000]

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

export class Call {
  readonly #send: (offer: Offer) => Promise<{ sdp: string }>
  readonly #options: Required<CallOptions>
  readonly #tracks = new Map<Kind, MediaStreamTrack | null>()
  readonly #sources = new Map<Kind, RTCRtpTransceiver>()
  readonly #shown = new Map<string, string>()
  /** The highest layer anybody looks at, by source. A source that is not here is sent whole. */
  readonly #watched = new Map<Kind, Layer | null>()
  #pausing = Promise.resolve()
  #pc: RTCPeerConnection | null = null
  /** The certificate of the node that answered. */
  #node: string | undefined
  #closed = false
  /** What the next attempt to repair the connection is; null: none is needed. */
  #next: (() => Promise<void>) | null = null
  #repairing = false
  #hurry: () => void = () => undefined

  /** A slot shows something else now; without a peer it is empty. The track is the slot's own and stays the same
      until the connection has to be made anew. */
  onpicture: (mid: string, track: MediaStreamTrack, peer: string | null, kind: Kind | null) => void = () => undefined
  /** The connection stands, or is being repaired. */
  onstate: (state: 'connected' | 'lost') => void = () => undefined

  /** `send` carries an offer to the node and brings its answer. */
  constructor(send: (offer: Offer) => Promise<{ sdp: string }>, options: CallOptions = {}) {
    this.#send = send
    this.#options = { video: 9, audio: 4, receiveOnly: false, iceServers: [], ...options }
  }

  /** Rejects with what `send` rejects with; the call is over then. */
  async start(): Promise<void> {
    try {
      await this.#connect()
    } catch (error) {
      if (this.#repairing || this.#stands()) return // we were called away meanwhile
      this.close()
      throw error
    }
  }

  setCamera(track: MediaStreamTrack | null): Promise<void> {
    return this.#set('camera', track)
  }

  /** For a short silence switch `enabled` of the track instead: that needs no time. */
  setMic(track: MediaStreamTrack | null): Promise<void> {
    return this.#set('mic', track)
  }

  setScreen(track: MediaStreamTrack | null): Promise<void> {
    if (track) track.contentHint = 'detail'
    return this.#set('screen', track)
  }

  /** Send no more of each source than somebody looks at or listens to. */
  pause(sources: readonly Watched[]): void {
    for (const { kind, layer = null } of sources) {
      this.#watched.set(kind, layer)
      this.#pausing = this.#pausing.then(() => this.#pause(kind)).catch((thrown) => console.warn(thrown))
    }
  }

  /** Finds a new way to the node; pictures go on meanwhile if the old one still works. If another node answers, or the
      same one after a restart, the connection is made anew. To be called when the network or the node has changed. */
  async restart(): Promise<void> {
    const node = this.#node
    if (this.#pc) await this.#negotiate(this.#pc, true)
    if (this.#node !== node) await this.#connect()
  }

  /** Our place is on another node now, or the node had died and is there again: `restart` at once, and until somebody answers. */
  moved(): void {
    void this.#repair(() => this.restart())
  }

  /** The server is there again, or the network is: a connection that is down need not wait for its next attempt. */
  retry(): void {
    if (!this.#stands()) this.moved()
  }

  showSlots(shown: Shown[]): void {
    const tracks = new Map(this.#pc?.getTransceivers().map((t) => [t.mid, t.receiver.track]))
    for (const { mid, peer, kind } of shown) {
      const track = tracks.get(mid)
      const now = peer ? `${peer}/${kind}` : ''
      if (!track || (this.#shown.get(mid) ?? '') === now) continue
      this.#shown.set(mid, now)
      this.onpicture(mid, track, peer, kind)
    }
  }

  async stats(): Promise<CallStats> {
    const sum: CallStats = { rttMs: 0, sent: 0, received: 0, lost: 0, frames: {} }
    const report = (await this.#pc?.getStats()) ?? new Map<string, never>()
    for (const entry of report.values()) {
      if (entry.type === 'candidate-pair' && entry.nominated) {
        sum.rttMs = Math.round((entry.currentRoundTripTime ?? 0) * 1000)
        sum.sent += entry.bytesSent ?? 0
        sum.received += entry.bytesReceived ?? 0
      } else if (entry.type === 'inbound-rtp') {
        sum.lost += entry.packetsLost ?? 0
        if (entry.kind === 'video') sum.frames[entry.mid] = entry.framesDecoded ?? 0
      }
    }
    return sum
  }

  /** For good: another call is another `Call`. */
  close(): void {
    this.#closed = true
    this.#hurry()
    this.#pc?.close()
  }

  async #set(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    this.#tracks.set(kind, track)
    const source = this.#sources.get(kind)
    try {
      await source?.sender.replaceTrack(track)
    } catch (thrown) {
      // A connection that was closed meanwhile takes nothing any more; the next one begins with this track.
      if (!this.#closed && this.#sources.get(kind) === source) throw thrown
    }
  }

  /** Parameters are read and set in one go: a browser takes them back only until something else has happened. */
  async #pause(kind: Kind): Promise<void> {
    const sender = this.#sources.get(kind)?.sender
    const watched = this.#watched.get(kind)
    if (!sender || watched === undefined) return
    const parameters = sender.getParameters()
    for (const encoding of parameters.encodings) encoding.active = worthSending(encoding.rid, watched)
    await sender.setParameters(parameters)
  }

  async #connect(): Promise<void> {
    this.#pc?.close()
    this.#shown.clear()
    this.#sources.clear()
    this.#watched.clear()
    const pc = (this.#pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: this.#options.iceServers }))
    const source = (kind: Kind, medium: 'audio' | 'video', sendEncodings?: RTCRtpEncodingParameters[]) => {
      this.#sources.set(kind, pc.addTransceiver(medium, { direction: 'sendonly', sendEncodings }))
    }
    if (!this.#options.receiveOnly) {
      source('mic', 'audio')
      source('camera', 'video', CAMERA)
      source('screen', 'video', SCREEN)
    }
    for (const medium of ['video', 'audio'] as const) {
      for (let i = 0; i < this.#options[medium]; i++) pc.addTransceiver(medium, { direction: 'recvonly' })
    }
    for (const transceiver of pc.getTransceivers()) prefer(transceiver)
    for (const [kind, transceiver] of this.#sources) await transceiver.sender.replaceTrack(this.#tracks.get(kind) ?? null)
    pc.onconnectionstatechange = () => this.#watch(pc)
    await this.#negotiate(pc, false)
  }

  async #negotiate(pc: RTCPeerConnection, iceRestart: boolean): Promise<void> {
    await pc.setLocalDescription(await pc.createOffer({ iceRestart }))
    const sources = Object.fromEntries([...this.#sources].map(([kind, transceiver]) => [transceiver.mid, kind]))
    const { sdp } = await this.#send({ sdp: pc.localDescription!.sdp, sources })
    if (this.#pc !== pc || this.#closed) return
    const before = this.#node
    this.#node = /a=fingerprint:(.*)/.exec(sdp)?.[1]
    if (iceRestart && this.#node !== before) return // another node: nothing of this connection is of use there
    await pc.setRemoteDescription({ type: 'answer', sdp })
    const dtls = transport(pc)
    if (dtls) dtls.onstatechange = () => this.#watch(pc)
  }

  #watch(pc: RTCPeerConnection): void {
    if (this.#pc !== pc || this.#closed) return
    if (stands(pc)) this.onstate('connected')
    else if (hungUp(pc)) void this.#repair(() => this.#connect())
    else if (pc.connectionState === 'disconnected') void this.#repair(() => this.#find(pc))
    else if (pc.connectionState === 'failed') void this.#repair(() => this.restart())
  }

  /** Another way for the same connection, unless it comes back by itself. */
  async #find(pc: RTCPeerConnection): Promise<void> {
    await wait(GRACE_MS)
    if (this.#pc === pc && !stands(pc)) await this.restart()
  }

  /** `attempt`, and after it another connection again and again until one stands. What is under way already, perhaps waiting for
      a node that will never answer, gives way to it. */
  async #repair(attempt: () => Promise<void>): Promise<void> {
    this.#next = attempt
    this.#hurry()
    if (this.#repairing) return
    this.#repairing = true
    if (!this.#stands()) this.onstate('lost')
    for (let pause = PAUSE_MS[0]; this.#next && !this.#closed; pause = Math.min(PAUSE_MS[1], pause * 2)) {
      const next = this.#next
      this.#next = null
      try {
        await this.#unhurried(next())
        await this.#unhurried(this.#settled(ATTEMPT_MS))
      } catch {
        // the server is away or has no place for us now: the next attempt will tell
      }
      if (this.#next || this.#stands()) continue
      await this.#unhurried(wait(pause * (0.5 + Math.random() / 2)))
      if (!this.#stands()) this.#next ??= () => this.#connect()
    }
    this.#repairing = false
  }

  /** Ends with `work`, or when there is another attempt to make. */
  #unhurried(work: Promise<void>): Promise<void> {
    return Promise.race([work, new Promise<void>((done) => (this.#hurry = done))])
  }

  #stands(): boolean {
    return this.#pc !== null && stands(this.#pc)
  }

  /** Waits for the connection to stand, at most so many milliseconds and not if there is another attempt to make. */
  async #settled(within: number): Promise<void> {
    const waits = () => !this.#stands() && !this.#next && !this.#closed
    for (const until = performance.now() + within; waits() && performance.now() < until; ) await wait(50)
  }
}

function transport(pc: RTCPeerConnection): RTCDtlsTransport | null | undefined {
  return pc.getTransceivers()[0]?.receiver.transport
}

/** The node said goodbye: this connection cannot come back. */
function hungUp(pc: RTCPeerConnection): boolean {
  return transport(pc)?.state === 'closed'
}

function stands(pc: RTCPeerConnection): boolean {
  return pc.connectionState === 'connected' && !hungUp(pc)
}

/** Only what the node speaks, which makes the offer a quarter as long. */
function prefer(transceiver: RTCRtpTransceiver): void {
  const side = transceiver.direction === 'sendonly' ? RTCRtpSender : RTCRtpReceiver
  const codecs = side.getCapabilities(transceiver.receiver.track.kind)?.codecs ?? []
  // Firefox has it since 128
  transceiver.setCodecPreferences?.(
    codecs.filter(
      ({ mimeType, sdpFmtpLine = '' }) =>
        /opus|vp8|rtx/i.test(mimeType) ||
        (/h264/i.test(mimeType) && /packetization-mode=1/.test(sdpFmtpLine) && /profile-level-id=42e0/i.test(sdpFmtpLine)),
    ),
  )
}
