import 'fake-indexeddb/auto'
import { expect, test, vi } from 'vitest'
import type { Envelope, Me, MemberView, PointView } from './contract.gen'
import { disk } from './disk'
import { link } from './link'
import { Refusal } from './refusal'
import { MeetingState } from './state.svelte'

vi.mock('./link', () => ({ link: { account: 7, join: async () => () => undefined } }))

const me: Me = { person_id: 7, member_id: 3, point_id: null, roles: ['delegate'], grants: ['cast_ballot'] }
const point: PointView = { id: 4, name: 'Vân Khánh', unit_id: null, position: 0, link: 'absent', mic: 'off', pinned: false }
const member: MemberView = {
  id: 3, person_id: 7, full_name: 'Lê Thị Minh Châu', position: '', unit: '', role: 'delegate', seat: 'C 23',
  group: '', votes: true, present: true, arrived_at: null, point_id: null,
} // prettier-ignore

function event(name: string, body: object): Envelope {
  return { meeting_id: 1, room: 'meeting', prev: 0, seq: 1, at: '2026-12-08T02:47:18.000Z', name, body: { ...body } }
}

test('a snapshot fills the records, an event puts its whole noun in, a removal takes it out', () => {
  const state = new MeetingState()
  state.seen(me)
  state.load({ points: [point], members: [member] })
  expect(state.ready).toBe(true)
  expect(state.member?.seat).toBe('C 23')
  expect(state.may('cast_ballot')).toBe(true)
  expect(state.may('run_meeting')).toBe(false)

  state.apply(event('point.changed', { point: { ...point, link: 'good' } }))
  state.apply(event('point.changed', { point: { ...point, id: 5, name: 'Nà Phặc' } }))
  expect([...state.points.values()].map(({ name, link }) => `${name} ${link}`)).toEqual(['Vân Khánh good', 'Nà Phặc absent'])
  state.apply(event('point.removed', { id: 4 }))
  state.apply(event('point.removed', { id: 4 }))
  expect([...state.points.keys()]).toEqual([5])

  state.load({ points: [point] })
  expect([...state.points.keys()]).toEqual([4])
  expect(state.members.size).toBe(0)
})

test('an event this version does not know changes nothing', () => {
  const state = new MeetingState()
  state.load({ points: [point] })
  state.apply(event('weather.changed', { weather: 'rain' }))
  expect(state.points.size).toBe(1)
})

test('a refused meeting shows nothing of what was there', () => {
  const state = new MeetingState()
  state.load({ points: [point] })
  state.refused(new Refusal('not_found'))
  expect(state.ready).toBe(false)
  expect(state.points.size).toBe(0)
  expect(state.refusal?.code).toBe('not_found')
})

test('a meeting that is left stays on the tablet, but not when its person has left too', async () => {
  const kept = async () => (await disk())!.get('meetings', 1)
  async function visit(): Promise<void> {
    const state = new MeetingState()
    await state.enter(1)
    state.seen(me)
    state.load({ points: [point], members: [member] })
    state.leave()
  }
  await visit()
  await vi.waitFor(async () => expect((await kept())?.me).toEqual(me))
  Object.assign(link, { account: null })
  await (await disk())!.clear('meetings')
  await visit()
  // What would be written has been asked for before this.
  await (await disk())!.put('visit', {}, 'mine')
  expect(await kept()).toBeUndefined()
})
