/** Recordings as people read them: how long, how large, and which part is played. */
import type { Chapter, RecordingView } from '../contract.gen'
import { number } from '../words/words.svelte'

/** 4:05 · 1:02:03 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const tail = `${String(minutes).padStart(hours ? 2 : 1, '0')}:${String(rest).padStart(2, '0')}`
  return hours ? `${hours}:${tail}` : tail
}

/** 640 kB · 320 MB · 1,2 GB */
export function size(bytes: number): string {
  if (bytes >= 1e9) return `${number(bytes / 1e9, 1)} GB`
  return bytes >= 1e6 ? `${number(bytes / 1e6, 0)} MB` : `${number(bytes / 1e3, 0)} kB`
}

/** goes: everybody is recorded · completing: stopped, its file is not ready yet · ready, failed: over */
export type Phase = 'goes' | 'completing' | 'ready' | 'failed'

export function phaseOf({ state, ended_at }: Pick<RecordingView, 'state' | 'ended_at'>): Phase {
  if (state !== 'recording') return state
  return ended_at ? 'completing' : 'goes'
}

const PROBLEMS = ['disk_full', 'disk_error', 'node_lost', 'empty', 'no_recorder'] as const

/** Why it ended early. A reason that is not known here reads as the general one. */
export function problemOf({ problem }: Pick<RecordingView, 'problem'>): (typeof PROBLEMS)[number] | 'other' {
  return PROBLEMS.find((one) => one === problem) ?? 'other'
}

/** The newest first. */
export function byTime(recordings: Iterable<RecordingView>): RecordingView[] {
  return [...recordings].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at) || b.id - a.id)
}

/** Which chapter is played at this second; -1 before the first. */
export function chapterAt(chapters: readonly Chapter[], at: number): number {
  return chapters.filter((chapter) => chapter.at <= at).length - 1
}

/** What a key does in the player: seconds to go by, a chapter to go by, or play and pause. */
export type Step = { seconds: number } | { chapters: number } | 'toggle'

const KEYS: Record<string, Step> = {
  ' ': 'toggle',
  k: 'toggle',
  ArrowLeft: { seconds: -10 },
  ArrowRight: { seconds: 10 },
  PageUp: { chapters: -1 },
  PageDown: { chapters: 1 },
}

/** Nothing while an input method composes, on a button that has keys of its own, or with Ctrl, Alt or Meta. */
export function stepOf(event: KeyboardEvent): Step | null {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return null
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null
  const target = event.target
  if (target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog')) return null
  if (event.key === ' ' && target instanceof Element && target.closest('button, a, video')) return null
  return KEYS[event.key] ?? null
}

/** Where a chapter begins that lies `by` from the one at this second. Going back within a chapter first goes to its beginning. */
export function chapterFrom(chapters: readonly Chapter[], at: number, by: number): number | null {
  const now = chapterAt(chapters, at)
  const begun = now >= 0 && by < 0 && at - chapters[now]!.at > 3
  return chapters[begun ? now + by + 1 : now + by]?.at ?? null
}

/** The file of a recording, which a browser may read in parts. */
export function fileOf(recording: Pick<RecordingView, 'id'>): string {
  return `/api/recordings/${recording.id}`
}
