import type { MeetingView, MemberView } from '../contract.gen'

export interface Quorum {
  present: number
  members: number
  needed: number
  met: boolean
}

/** How many of the voting members are there, and whether they may decide. The quorum is an exact fraction such as "2/3"; a meeting
    without voting members has nothing to decide. */
export function quorumOf(meeting: Pick<MeetingView, 'quorum'>, members: Iterable<Pick<MemberView, 'votes' | 'present'>>): Quorum {
  const voting = [...members].filter((member) => member.votes)
  const present = voting.filter((member) => member.present).length
  const [part = 1, whole = 2] = meeting.quorum.split('/').map(Number)
  const needed = Math.ceil((voting.length * part) / whole)
  return { present, members: voting.length, needed, met: present >= needed }
}
