export interface Countdown {
  phase: 'calm' | 'last' | 'over'
  /** `3:12`, over time `+0:25` */
  text: string
  /** What remains of the whole, 0 to 1; 1 again when time is over. */
  part: number
}

/** The last minute, or the last fifth of what is hardly longer than one. */
function lastSeconds(total: number): number {
  return total > 120 ? 60 : total / 5
}

/** A countdown as people read it, from seconds left (negative: over time). Whole seconds are rounded up, so that 0:00 is the end.
    `runsOver: false` stays at 0:00, as a vote does. */
export function countdown(left: number, total: number, runsOver = true): Countdown {
  const whole = Math.ceil(left)
  if (whole < 0 && runsOver) return { phase: 'over', text: `+${figures(-whole)}`, part: 1 }
  const shown = Math.max(0, whole)
  const phase = shown <= lastSeconds(total) ? 'last' : 'calm'
  return { phase, text: figures(shown), part: total > 0 ? Math.min(1, shown / total) : 0 }
}

/** Where on the bar the last minute begins, or nothing when the whole is shorter than that. */
export function lastMinuteTick(total: number): number | undefined {
  return total > 0 ? lastSeconds(total) / total : undefined
}

/** 192 → `3:12`. Minutes are not turned into hours, as on a speech timer. */
export function figures(seconds: number): string {
  const whole = Math.trunc(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
