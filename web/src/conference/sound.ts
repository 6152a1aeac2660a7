/** Hearing what a microphone gives, and playing a sound to try a loudspeaker. */

let shared: AudioContext | undefined

/** Browsers let a page make sound only after somebody has touched it; `resume` succeeds from then on. */
export function audioContext(): AudioContext {
  shared ??= new AudioContext()
  return shared
}

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
    return Math.min(1, Math.sqrt(square) * 3)
  }

  close(): void {
    this.#source.disconnect()
  }
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
