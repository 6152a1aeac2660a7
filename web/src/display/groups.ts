import type { MemberView } from '../contract.gen'

export interface Group {
  name: string
  present: number
  members: number
}

/** How many of each group's voting members have come; of more groups than `most` the smallest are one, named `rest`. Who belongs to no
    group counts with their unit. */
export function groupsOf(members: Iterable<Pick<MemberView, 'votes' | 'present' | 'group' | 'unit'>>, most: number, rest: string): Group[] {
  const groups = new Map<string, Group>()
  for (const member of members) {
    if (!member.votes) continue
    const name = member.group || member.unit || rest
    const group = groups.get(name) ?? { name, present: 0, members: 0 }
    groups.set(name, { name, present: group.present + Number(member.present), members: group.members + 1 })
  }
  const sorted = [...groups.values()].sort((a, b) => a.name.localeCompare(b.name, 'vi', { numeric: true }))
  if (sorted.length <= most) return sorted
  const large = new Set([...sorted].sort((a, b) => b.members - a.members).slice(0, most - 1))
  const small = sorted.filter((group) => !large.has(group))
  const sum = (of: (group: Group) => number) => small.reduce((total, group) => total + of(group), 0)
  return [...sorted.filter((group) => large.has(group)), { name: rest, present: sum((group) => group.present), members: sum((group) => group.members) }]
}
