/** One soft bell when the last minute begins and when time is over, made here: two tones that die away. */
import { audioContext } from '../conference/sound'
import type { Countdown } from '../ui/countdown'

const STORED = 'meetroom.bell'
/** Frequency in Hz, loudness, seconds until it is a thousandth. */
const TONES = [
  [880, 0.22, 1.8],
  [1760, 0.07, 0.9],
] as const

export function muted(): boolean {
  return localStorage.getItem(STORED) === 'off'
}

export function setMuted(off: boolean): void {
  localStorage.setItem(STORED, off ? 'off' : 'on')
}

/** Silent where the browser has not been touched yet; the clock is seen anyway. */
export function ring(context: AudioContext = audioContext()): void {
  if (context.state !== 'running') return
  for (const [frequency, loudness, seconds] of TONES) {
    const tone = new OscillatorNode(context, { frequency })
    const volume = new GainNode(context, { gain: 0 })
    volume.gain.setValueAtTime(0.0001, context.currentTime)
    volume.gain.exponentialRampToValueAtTime(loudness, context.currentTime + 0.012)
    volume.gain.exponentialRampToValueAtTime(loudness / 1000, context.currentTime + seconds)
    tone.connect(volume).connect(context.destination)
    tone.start()
    tone.stop(context.currentTime + seconds)
  }
}

const PHASES: readonly Countdown['phase'][] = ['calm', 'last', 'over']

/** Tells when to ring, from what a clock shows of one speech after another. A screen that is opened late does not ring for what
    was before, and time that was added and runs out again rings again. */
export class Bell {
  #speech: number | null = null
  #phase = 0

  rings(speech: number | null, phase: Countdown['phase']): boolean {
    const now = PHASES.indexOf(phase)
    const due = speech !== null && speech === this.#speech && now > this.#phase
    this.#speech = speech
    this.#phase = now
    return due
  }
}
