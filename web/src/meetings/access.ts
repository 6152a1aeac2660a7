/** Who may read something, as the server decides it; here only for showing whom it concerns. */
import type { Access, ItemView, MemberView } from '../contract.gen'
import { t } from '../words/words.svelte'

const SITTING = new Set<MemberView['role']>(['secretary', 'chair', 'delegate'])
const ALWAYS = new Set<MemberView['role']>(['secretary', 'technician'])

export function allowed(access: Access, { id, role }: Pick<MemberView, 'id' | 'role'>): boolean {
  if (ALWAYS.has(role)) return true
  if (access.kind === 'members') return SITTING.has(role)
  if (access.kind === 'roles') return access.roles?.includes(role) ?? false
  if (access.kind === 'people') return access.member_ids?.includes(id) ?? false
  return true
}

/** Whether a member may read what hangs on an item and has `access` of its own. */
export function mayRead(items: ReadonlyMap<number, ItemView>, itemId: number, access: Access, member: Pick<MemberView, 'id' | 'role'>): boolean {
  for (let item = items.get(itemId); item; item = items.get(item.parent_id ?? 0)) if (!allowed(item.access, member)) return false
  return allowed(access, member)
}

/** "chỉ 3 người"; empty for everybody. */
export function limitWords({ kind, member_ids }: Access): string {
  if (kind === 'all' || !kind) return ''
  return kind === 'people' ? t('access.limited_people', { n: member_ids?.length ?? 0 }) : t(`access.limited_${kind}`)
}
