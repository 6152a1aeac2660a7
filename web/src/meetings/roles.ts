import type { MemberView, Role, UpdateMember } from '../contract.gen'
import { sitting } from '../state.svelte'

/** As they are offered, the most frequent first. */
export const ROLES: readonly Role[] = ['delegate', 'chair', 'secretary', 'guest', 'operator', 'technician', 'wall']

/** The order that leaves a member as they are, to be changed in one field. */
export function updateOf({ id, role, seat, group, votes, point_id }: MemberView): UpdateMember {
  return { meeting_id: sitting.id!, member_id: id, role, seat, group, votes, point_id }
}
