/** Giving the floor and ending a speech, each with its way back. */
import { attempt } from '../attempt'
import type { MemberView, RequestView } from '../contract.gen'
import { link } from '../link'
import { sitting } from '../state.svelte'
import { done } from '../ui/toast.svelte'
import { t } from '../words/words.svelte'
import { speaking, waiting } from './requests'

/** Time for a speech; the chair can add minutes. */
export const SPEECH_SECONDS = 300

/** Whoever speaks until now ends; Hoàn tác lets them go on. */
export async function giveFloor(request: RequestView, seconds = SPEECH_SECONDS): Promise<void> {
  const order = { meeting_id: sitting.id!, request_id: request.id }
  const interrupted = speaking(sitting.requests.values())
  await link.send('floor.grant', { ...order, seconds })
  done(t('chair.granted', { name: nameOf(request) }), () =>
    attempt(() => link.send('floor.give_back', { ...order, resume_id: interrupted?.id ?? null })),
  )
}

/** To a member who need not have asked. */
export async function giveFloorAt(meeting_id: number, member: MemberView): Promise<void> {
  const asked = waiting(sitting.requests.values()).find((request) => request.member_id === member.id)
  await giveFloor(asked ?? (await link.send('floor.add', { meeting_id, member_id: member.id })))
}

export async function endSpeech(request: RequestView): Promise<void> {
  const meeting_id = sitting.id!
  await link.send('floor.end', { meeting_id })
  done(t('chair.ended', { name: nameOf(request) }), () =>
    attempt(() => link.send('floor.resume', { meeting_id, request_id: request.id })),
  )
}

export async function removeRequest(request: RequestView): Promise<void> {
  const order = { meeting_id: sitting.id!, request_id: request.id }
  await link.send('floor.remove', order)
  done(t('chair.removed', { name: nameOf(request) }), () => attempt(() => link.send('floor.give_back', order)))
}

export function nameOf(request: RequestView): string {
  return sitting.members.get(request.member_id)?.full_name ?? ''
}
