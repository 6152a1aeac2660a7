import { expect, test } from 'vitest'
import { rowsOf } from '../agenda/tree'
import { nextStep, unfinished } from './next'

/** 1 · 2 [21, 22] · 3 break · 4 */
function agenda(current: number | null, done: number[] = []) {
  const ids = [
    [1, null],
    [2, null],
    [21, 2],
    [22, 2],
    [3, null],
    [4, null],
  ] as const
  return rowsOf(
    ids.map(([id, parent_id]) => ({
      id,
      parent_id,
      position: id,
      kind: id === 3 ? ('break' as const) : ('speech' as const),
      state: id === current ? ('current' as const) : done.includes(id) ? ('done' as const) : ('pending' as const),
    })),
  )
}
const vote = (id: number, item_id: number, state: 'draft' | 'open' | 'closed' | 'published' | 'annulled' = 'draft') => ({ id, item_id, state })
const open = { state: 'open' } as const

test('a whole sitting, step by step', () => {
  const about = (...args: Parameters<typeof nextStep>) => {
    const next = nextStep(...args)
    return next && [next.do, 'item' in next ? next.item.id : 'vote' in next ? next.vote.id : null]
  }
  expect(about({ state: 'draft' }, agenda(null), [])).toEqual(['open_meeting', null])
  expect(about(open, agenda(null), [])).toEqual(['start_item', 1])
  expect(about(open, agenda(1), [])).toEqual(['start_item', 2])
  expect(about(open, agenda(2, [1]), [vote(7, 22)])).toEqual(['start_item', 21])
  expect(about(open, agenda(22, [1, 2, 21]), [vote(7, 22)])).toEqual(['open_vote', 7])
  expect(about(open, agenda(22, [1, 2, 21]), [vote(7, 22, 'open')])).toEqual(['close_vote', 7])
  expect(about(open, agenda(22, [1, 2, 21]), [vote(7, 22, 'closed')])).toEqual(['publish_vote', 7])
  expect(about(open, agenda(22, [1, 2, 21]), [vote(7, 22, 'published')])).toEqual(['start_item', 3])
  expect(about(open, agenda(4, [1, 2, 21, 22, 3]), [])).toEqual(['close_meeting', null])
  expect(about({ state: 'closed' }, agenda(null, [1, 2, 21, 22, 3, 4]), [])).toBeNull()
})

test('a vote of the whole is due with its last part only', () => {
  expect(nextStep(open, agenda(21), [vote(7, 2)])).toMatchObject({ do: 'start_item', item: { id: 22 } })
  expect(nextStep(open, agenda(22), [vote(7, 2)])).toMatchObject({ do: 'open_vote' })
})

test('an open vote of another item must be closed first', () => {
  expect(nextStep(open, agenda(4), [vote(7, 22, 'open')])).toMatchObject({ do: 'close_vote', vote: { id: 7 } })
})

test('the result of the first vote is published before the second one opens; an annulled one is done', () => {
  expect(nextStep(open, agenda(22), [vote(6, 22, 'annulled'), vote(7, 22, 'closed'), vote(8, 22)])).toMatchObject({ vote: { id: 7 } })
  expect(nextStep(open, agenda(22), [vote(6, 22, 'annulled'), vote(8, 22)])).toMatchObject({ do: 'open_vote', vote: { id: 8 } })
})

test('an agenda without items can be closed', () => {
  expect(nextStep(open, [], [])).toEqual({ do: 'close_meeting' })
})

test('what closing would leave undone', () => {
  const left = unfinished(agenda(4, [1, 2, 21]), [vote(1, 4), vote(2, 4, 'published'), vote(3, 4, 'annulled'), vote(4, 4, 'closed')], [
    { id: 1, state: 'waiting' },
    { id: 2, state: 'done' },
  ])
  expect(left.items.map((item) => item.id)).toEqual([22, 3])
  expect(left.votes.map((one) => one.id)).toEqual([1, 4])
  expect(left.waiting.map((one) => one.id)).toEqual([1])
})
