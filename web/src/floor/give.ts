/** Giving the floor and ending a speech, each with its way back. */
import { clock } from '../clock.svelte'
import { attempt } from '../attempt'
import type { MemberView, RequestView } from '../contract.gen'
import { link } from '../link'
import { sitting } from '../state.svelte'
import { done } from '../ui/toast.svelte'
import { t } from '../words/words.svelte'
import { leftOf, nameOf } from './describe'
import { SHORTEST } from './quota'
import { speaking, waiting } from './requests'

/** What the chair gives to whose time is used up. */
const OVER_SECONDS = 60

/** Whether giving them the floor goes beyond their quota. */
export function usedUp(request: RequestView): boolean {
  const left = leftOf(request, clock.now)
  return left !== null && left < SHORTEST
}

/** Whoever speaks until now ends; Hoàn tác lets them go on. Without `seconds` the rules of the floor say how long. */
export async function giveFloor(request: RequestView, seconds: number | null = usedUp(request) ? OVER_SECONDS : null): Promise<void> {
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
