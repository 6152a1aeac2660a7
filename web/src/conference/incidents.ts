/** Lines of the incident log as people read them. */
import type { Incident, Quality, Reason } from '../contract.gen'
import { t } from '../words/words.svelte'
import { problemOf } from './recordings'

/** From which step of quality to which, and why; or from which server to which; or what ended a recording. */
export function detailsOf({ kind, from_ = '', to = '', reason = '', problem = '' }: Incident): string {
  if (kind === 'recording_failed') return t(`recordings.problem_${problemOf({ problem })}`)
  const words = kind === 'quality' ? (step: string) => t(`conference.quality_${step as Quality}`) : (name: string) => name
  const steps = [from_, to].filter(Boolean).map(words).join(' → ')
  return [steps, reason && t(`conference.reason_${reason as Exclude<Reason, ''>}`)].filter(Boolean).join(', ')
}
