import { expect, test } from 'vitest'
import type { BallotView } from '../contract.gen'
import { Refusal } from '../refusal'
import { Casting } from './casting.svelte'

/** A device that remembers, and a server that answers when told to. */
function table(left: unknown = null, told: [number, BallotView][] = []) {
  const calls: { name: string; order: { answers: string[][] }; options: object; done(ballot: BallotView): void; failed(no: Refusal): void }[] = []
  const shelf = { kept: left, get: () => shelf.kept, put: (value: unknown) => void (shelf.kept = value) }
  const send = (name: string, order: never, options: object) => new Promise<never>((done, failed) => void calls.push({ name, order, options, done: done as never, failed }))
  const ballots = new Map(told)
  return { calls, shelf, ballots, casting: new Casting(1, { send: send as never }, shelf, ballots) }
}

const ballot = (choice: string, second: number): BallotView => ({ id: 4, answers: [[choice]], opinion: null, paper: false, recorded_at: `2026-12-08T02:47:${second}.000Z` })
const settled = () => new Promise((done) => setTimeout(done))

test('a choice is kept until the server has it, and recorded only then', async () => {
  const { casting, calls, shelf } = table()
  void casting.cast(4, [['for']])
  expect(calls[0]).toMatchObject({ name: 'vote.cast', order: { meeting_id: 1, vote_id: 4, answers: [['for']] }, options: { keep: true, key: 'vote 4' } })
  expect(casting.sending).toMatchObject({ vote_id: 4, answers: [['for']] })
  expect(shelf.kept).toMatchObject({ vote_id: 4, answers: [['for']] })
  expect(casting.ballot(4)).toBeUndefined()
  calls[0]!.done(ballot('for', 18))
  await settled()
  expect([casting.sending, shelf.kept, casting.ballot(4)]).toEqual([null, null, ballot('for', 18)])
})

test('a changed choice is the one on its way; the newest stored one is shown', async () => {
  const { casting, calls, ballots } = table()
  void casting.cast(4, [['for']])
  void casting.cast(4, [['abstain']])
  calls[0]!.done(ballot('for', 18))
  await settled()
  expect(casting.sending).toMatchObject({ answers: [['abstain']] })
  calls[1]!.done(ballot('abstain', 20))
  await settled()
  expect([casting.sending, casting.ballot(4)]).toEqual([null, ballot('abstain', 20)])
  ballots.set(4, ballot('against', 25)) // from another device
  expect(casting.ballot(4)).toEqual(ballot('against', 25))
})

test('a refusal is told, and nothing stays on the device', async () => {
  const { casting, calls, shelf } = table()
  void casting.cast(4, [['for']])
  calls[0]!.failed(new Refusal('voting_over'))
  await settled()
  expect([casting.sending, shelf.kept, casting.refused.get(4)?.code]).toEqual([null, null, 'voting_over'])
})

test('signed out before it was acknowledged: it stays on the device', async () => {
  const { casting, calls, shelf } = table()
  void casting.cast(4, [['for']])
  calls[0]!.failed(new Refusal('login'))
  await settled()
  expect([casting.sending?.answers, (shelf.kept as { answers: string[][] }).answers]).toEqual([[['for']], [['for']]])
})

test('after a reload an unacknowledged choice is on its way again, unless it has arrived', () => {
  const left = { vote_id: 4, answers: [['for']], opinion: null, since: Date.parse('2026-12-08T02:47:10Z') }
  expect(table(left).calls).toMatchObject([{ order: { vote_id: 4, answers: [['for']] } }])
  expect(table(left, [[4, ballot('against', 18)]]).calls).toHaveLength(1)
  const arrived = table(left, [[4, ballot('for', 18)]])
  expect([arrived.calls, arrived.shelf.kept]).toEqual([[], null])
})
