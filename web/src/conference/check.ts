/** The check before the meeting: what was measured, and what it means. */

/** warn: one can meet with it, but should know · bad: one cannot be seen or heard · ask: a person must say */
export type Finding = 'waiting' | 'good' | 'warn' | 'bad' | 'ask'

export type Check = 'camera' | 'mic' | 'echo' | 'speaker' | 'up' | 'down' | 'stability' | 'papers'
export type Findings = Record<Check, Finding>

/** Rates in kbit/s, loss in percent of packets, round trip in ms. */
export interface Measured {
  up: number
  down: number
  loss: number
  rtt: number
}

/** What a rate of sending is enough for. The camera's three layers take about 1,300 kbit/s together, without the largest 400,
    the smallest with the voice 150, the voice alone 50. */
export type Enough = 'full' | 'medium' | 'small' | 'voice' | 'nothing'

export function enough(kbps: number): Enough {
  if (kbps >= 900) return 'full'
  if (kbps >= 400) return 'medium'
  if (kbps >= 150) return 'small'
  return kbps >= 50 ? 'voice' : 'nothing'
}

export function rateFinding(kbps: number): Finding {
  return { full: 'good', medium: 'warn', small: 'warn', voice: 'warn', nothing: 'bad' }[enough(kbps)] as Finding
}

/** The same limits from which on the chair sees a link as weak; from far worse ones nobody is understood. */
export function stabilityFinding({ loss, rtt }: Measured): Finding {
  if (loss >= 15 || rtt >= 2000) return 'bad'
  return loss >= 1 || rtt >= 400 ? 'warn' : 'good'
}

/** good: for everything · one: for sound and one picture · voice: for sound alone · not: for nothing one could meet with */
export type LinkVerdict = 'good' | 'one' | 'voice' | 'not'
/** What narrows it: too little goes up or comes down, packets are lost, or it takes too long. */
export type LinkReason = 'up' | 'down' | 'loss' | 'delay'

const WORST: readonly LinkVerdict[] = ['good', 'one', 'voice', 'not']
const RATES: Record<Enough, LinkVerdict> = { full: 'good', medium: 'one', small: 'one', voice: 'voice', nothing: 'not' }

/** The link in one word, and why it is no better. */
export function linkVerdict(measured: Measured): { verdict: LinkVerdict; reason: LinkReason | null } {
  const { up, loss, rtt } = measured
  const grades: [LinkReason, LinkVerdict][] = [
    ['up', RATES[enough(up)]],
    ['down', downFinding(measured) === 'good' ? 'good' : RATES[enough(measured.down)]],
    ['loss', loss >= 15 ? 'not' : loss >= 8 ? 'voice' : loss >= 3 ? 'one' : 'good'],
    ['delay', rtt >= 2000 ? 'not' : rtt >= 1000 ? 'voice' : rtt >= 400 ? 'one' : 'good'],
  ]
  const [reason, verdict] = grades.reduce((worst, grade) => (WORST.indexOf(grade[1]) > WORST.indexOf(worst[1]) ? grade : worst))
  return { verdict, reason: verdict === 'good' ? null : reason }
}

export type Verdict = 'waiting' | 'ready' | 'fair' | 'not'

/** Without a camera or with gaps one still takes part; without voice or way to the hall one does not. */
export function verdict(findings: Findings): Verdict {
  const all = Object.values(findings)
  const needed: Check[] = ['mic', 'up', 'down', 'stability']
  if (needed.some((check) => findings[check] === 'bad')) return 'not'
  if (all.includes('waiting')) return 'waiting'
  return all.some((finding) => finding === 'bad' || finding === 'warn') ? 'fair' : 'ready'
}

/** What two looks at a connection's counters, `ms` apart, say in kbit/s. */
export function rate(before: number, after: number, ms: number): number {
  return ms > 0 ? Math.max(0, Math.round(((after - before) * 8) / ms)) : 0
}

/** What comes back is the largest layer of what we sent ourselves: only where clearly less arrives is receiving the narrow side. */
export function downFinding({ up, down }: Measured): Finding {
  return down >= Math.min(600, up / 2) ? 'good' : rateFinding(down)
}
