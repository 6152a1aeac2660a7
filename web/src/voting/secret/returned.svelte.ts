/** How many ballots of an open secret vote are in the box, as the server tells without keeping it. */
import { SvelteMap } from 'svelte/reactivity'
import { link } from '../../link'

const counts = new SvelteMap<number, number>()

link.on<{ vote_id: number; returned: number }>('returned', ({ vote_id, returned }) => counts.set(vote_id, returned))

export function returned(voteId: number): number {
  return counts.get(voteId) ?? 0
}
