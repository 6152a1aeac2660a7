/** Hearing what a microphone gives, and playing a sound to try a loudspeaker. */

let shared: AudioContext | undefined

/** Browsers let a page make sound only after somebody has touched it; `resume` succeeds from then on. */
export function audioContext(): AudioContext {
  shared ??= new AudioContext()
  return shared
}

/** A voice near the microphone fills most of the scale. */
const GAIN = 3

/** The level of one microphone. */
export class Meter {
  readonly #source: MediaStreamAudioSourceNode
  readonly #analyser: AnalyserNode
  readonly #samples: Float32Array<ArrayBuffer>

  constructor(track: MediaStreamTrack) {
    const context = audioContext()
    this.#source = context.createMediaStreamSource(new MediaStream([track]))
    this.#analyser = new AnalyserNode(context, { fftSize: 4096 })
    this.#samples = new Float32Array(this.#analyser.fftSize)
    this.#source.connect(this.#analyser)
  }

  /** 0 to 1, of the last 85 ms. */
  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples)
    const square = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length
    return Math.min(1, Math.sqrt(square) * GAIN)
  }

  close(): void {
    this.#source.disconnect()
  }
}

/** So many seconds of a track. One from a connection flows only as long as something plays it, if without a sound. */
export async function record(track: MediaStreamTrack, seconds: number): Promise<AudioBuffer> {
  const stream = new MediaStream([track])
  const ear = new Audio()
  ear.muted = true
  ear.srcObject = stream
  await ear.play()
  const recorder = new MediaRecorder(stream)
  const parts: Blob[] = []
  recorder.addEventListener('dataavailable', (event) => parts.push(event.data))
  const over = new Promise((done) => recorder.addEventListener('stop', done))
  recorder.start()
  setTimeout(() => recorder.stop(), seconds * 1000)
  await over
  ear.srcObject = null
  return audioContext().decodeAudioData(await new Blob(parts, { type: recorder.mimeType }).arrayBuffer())
}

/** Resolves when it is over. */
export async function play(sound: AudioBuffer): Promise<void> {
  const context = audioContext()
  await context.resume()
  const source = new AudioBufferSourceNode(context, { buffer: sound })
  source.connect(context.destination)
  const over = new Promise((done) => source.addEventListener('ended', done))
  source.start()
  await over
}

/** The loudest moment of a sound, as a `Meter` would have shown it. */
export function loudest(samples: Float32Array, rate: number): number {
  const run = Math.max(1, Math.round(rate * 0.085))
  let most = 0
  for (let n = 0; n + run <= samples.length; n += run) {
    let square = 0
    for (let i = n; i < n + run; i++) square += samples[i]! ** 2
    most = Math.max(most, square / run)
  }
  return Math.min(1, Math.sqrt(most) * GAIN)
}

const NOTES = [523, 659, 784]
const NOTE_S = 0.35

/** Three rising notes; resolves when they are over. */
export async function chime(): Promise<void> {
  const context = audioContext()
  await context.resume()
  const begin = context.currentTime + 0.05
  await Promise.all(
    NOTES.map((frequency, n) => {
      const at = begin + n * NOTE_S
      const tone = new OscillatorNode(context, { frequency })
      const volume = new GainNode(context, { gain: 0 })
      volume.gain.setValueAtTime(0, at)
      volume.gain.linearRampToValueAtTime(0.3, at + 0.03)
      volume.gain.linearRampToValueAtTime(0, at + NOTE_S)
      tone.connect(volume).connect(context.destination)
      tone.start(at)
      tone.stop(at + NOTE_S)
      return new Promise((over) => tone.addEventListener('ended', over))
    }),
  )
}
