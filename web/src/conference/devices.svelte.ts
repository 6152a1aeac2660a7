/** The camera and the microphone of this machine: opened, chosen, remembered, and opened again when they come back. */
import { untrack } from 'svelte'
import { Meter, audioContext } from './sound'
import { VOICE } from './mic'

type Medium = 'camera' | 'mic'
export type Problem = 'denied' | 'none' | 'busy' | 'gone'

const KIND = { camera: 'videoinput', mic: 'audioinput' } as const
const STORED = { camera: 'meetroom.camera', mic: 'meetroom.mic' } as const
const METER_MS = 80
/** What is left of a loud moment at the next look: eyes are slower than sound. */
const FALL = 0.8

/** One of the two. */
export class Device {
  readonly #medium: Medium
  #closed = false
  track = $state.raw<MediaStreamTrack | null>(null)
  problem = $state<Problem | null>(null)
  opening = $state(false)
  /** All of its kind that are plugged in. */
  choices = $state.raw<MediaDeviceInfo[]>([])
  size = $state.raw<{ width: number; height: number } | null>(null)

  constructor(medium: Medium) {
    this.#medium = medium
  }

  get chosen(): string {
    return this.track?.getSettings().deviceId ?? ''
  }

  /** Without an id the one used last, else whichever the browser takes. */
  async open(id: string | null = localStorage.getItem(STORED[this.#medium])): Promise<void> {
    if (this.opening || this.#closed) return
    this.opening = true
    try {
      this.#take(await this.#ask(id))
      this.problem = null
    } catch (thrown) {
      this.#drop()
      this.problem = problemOf(thrown)
    }
    this.opening = false
    await this.list()
  }

  async choose(id: string): Promise<void> {
    localStorage.setItem(STORED[this.#medium], id)
    this.#drop()
    await this.open(id)
  }

  /** What is plugged in now; one that was missing is opened. */
  async list(): Promise<void> {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? []
    this.choices = all.filter((device) => device.kind === KIND[this.#medium] && device.deviceId)
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  #take(track: MediaStreamTrack): void {
    if (this.#closed) return track.stop()
    this.#drop()
    track.addEventListener('ended', () => {
      this.#drop()
      this.problem = 'gone'
    })
    const { width = 0, height = 0 } = track.getSettings()
    this.size = this.#medium === 'camera' ? { width, height } : null
    this.track = track
  }

  #drop(): void {
    this.track?.stop()
    this.track = null
  }

  async #ask(id: string | null): Promise<MediaStreamTrack> {
    const deviceId = id ?? undefined
    const wanted =
      this.#medium === 'camera'
        ? { video: { deviceId, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 20, max: 25 } } }
        : { audio: { deviceId, echoCancellation: true, noiseSuppression: true, autoGainControl: true } }
    const stream = await navigator.mediaDevices.getUserMedia(wanted)
    return stream.getTracks()[0]!
  }
}

/** Both, with the level of the microphone. To be made while a component starts; they are switched off when it goes. */
export class Devices {
  readonly camera = new Device('camera')
  readonly mic = new Device('mic')
  /** 0 to 1, a few times a second; a microphone that is not enabled is silent. */
  level = $state(0)
  /** When a voice was last heard, in ms of `performance.now()`. */
  heardAt = $state(-Infinity)
  /** The browser does not let the level be measured before somebody has touched the page. */
  deaf = $state(false)

  constructor() {
    $effect(() => {
      untrack(() => void this.#open())
      const changed = () => void this.#changed()
      navigator.mediaDevices?.addEventListener('devicechange', changed)
      return () => {
        navigator.mediaDevices?.removeEventListener('devicechange', changed)
        this.camera.close()
        this.mic.close()
      }
    })
    $effect(() => this.mic.track ? this.#listen(this.mic.track) : undefined)
  }

  async #open(): Promise<void> {
    await this.camera.open()
    await this.mic.open()
  }

  async #changed(): Promise<void> {
    for (const device of [this.camera, this.mic]) await (device.track ? device.list() : device.open())
  }

  #listen(track: MediaStreamTrack): () => void {
    const meter = new Meter(track)
    const context = audioContext()
    const touched = () => void context.resume()
    window.addEventListener('pointerdown', touched)
    const timer = setInterval(() => {
      this.deaf = context.state !== 'running'
      const level = meter.level()
      this.level = Math.max(level, this.level * FALL)
      if (level >= VOICE) this.heardAt = performance.now()
    }, METER_MS)
    return () => {
      clearInterval(timer)
      window.removeEventListener('pointerdown', touched)
      meter.close()
      this.level = 0
    }
  }
}

function problemOf(thrown: unknown): Problem {
  const name = thrown instanceof DOMException ? thrown.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError' || !navigator.mediaDevices) return 'denied'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none'
}
