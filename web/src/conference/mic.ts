/** What the big button of a point's microphone says. */
import type { Mic } from '../contract.gen'
import type { MicState } from '../ui/MicButton.svelte'

/** On the air without a sound for so long: somebody should look at the cable. */
export const UNHEARD_MS = 10_000

/** A level (0 to 1) from which on it is a voice and not the room. */
export const VOICE = 0.02

/** The server says whether the microphone is open; whether anything comes out of it is known only here.
    `heardAt`: when it last gave a sound or began to be on the air, in ms like `now`. */
export function micState(mic: Mic, heardAt: number, now: number): MicState {
  return mic === 'on' && now - heardAt >= UNHEARD_MS ? 'unheard' : mic
}

/** What a tap asks the server for; nothing while the chair has closed the microphone. */
export function micTap(mic: Mic): { on: boolean } | null {
  return mic === 'closed' ? null : { on: mic === 'off' }
}

export type Loudness = 'silent' | 'quiet' | 'good' | 'loud'

/** How the loudest moment of the last seconds reads to people. */
export function loudness(peak: number): Loudness {
  if (peak < VOICE) return 'silent'
  return peak < 0.08 ? 'quiet' : peak < 0.9 ? 'good' : 'loud'
}

/** What the people at a point are told when the chair does something about their microphone. The floor comes first: its
    microphone follows in the next event. */
export type MicNews = 'floor_given' | 'floor_over' | 'mic_shut' | 'mic_freed'

export function micNews(before: { mic: Mic; floor: boolean }, after: { mic: Mic; floor: boolean }): MicNews | null {
  if (before.floor !== after.floor) return after.floor ? 'floor_given' : 'floor_over'
  if (before.mic === after.mic) return null
  if (after.mic === 'closed') return 'mic_shut'
  return before.mic === 'closed' && after.mic === 'off' ? 'mic_freed' : null
}
