/** One's own secret votes on a screen: asks for the ballot by itself, and says where it is in the words of every vote. */
import { untrack } from 'svelte'
import { clock } from '../../clock.svelte'
import type { VoteView } from '../../contract.gen'
import { link } from '../../link'
import { Shelf } from '../../shelf'
import { sitting } from '../../state.svelte'
import { atHand, OVERDUE_MS, type Phase } from '../phase'
import { DELAY_MS, SecretBallots } from './ballot.svelte'
import { toBox } from './box'

/** Five hundred tablets do not ask in the same moment. */
const SPREAD_MS = 6_000

export function ownSecretBallots(meetingId: number): SecretBallots {
  const ballots = new SecretBallots(meetingId, link, new Shelf('secret', meetingId), toBox)
  $effect(() => {
    if (!sitting.member?.votes || link.state === 'lost') return
    for (const manifest of sitting.manifests.values()) {
      const state = sitting.votes.get(manifest.id)?.state
      if (state !== 'draft' && state !== 'open') continue
      const timer = setTimeout(() => void ballots.take(manifest), untrack(() => ballots.standing(manifest.id)) === 'none' ? Math.random() * SPREAD_MS : 0)
      return () => clearTimeout(timer)
    }
    return undefined
  })
  return ballots
}

/** As `atHand`, and before its opening a secret vote whose ballots are being issued. */
export function secretAtHand(votes: Iterable<VoteView>, manifests: ReadonlyMap<number, unknown>): VoteView | undefined {
  const all = [...votes]
  const begun = atHand(all)
  return begun?.state === 'open' ? begun : (all.find((vote) => vote.state === 'draft' && manifests.has(vote.id)) ?? begun)
}

export function secretPhase(vote: VoteView, ballots: SecretBallots): Phase {
  if (vote.state === 'draft') return 'issued'
  if (vote.state !== 'open') return vote.state
  const standing = ballots.standing(vote.id)
  if (standing === 'sending') return clock.now - ballots.since(vote.id) > OVERDUE_MS + DELAY_MS ? 'overdue' : 'sending'
  return standing === 'cast' ? 'recorded' : 'asked'
}
