import { expect, test } from 'vitest'
import { START } from './place'
import { Reading } from './reading.svelte'

/** A device that remembers. */
function device() {
  let kept: unknown = null
  return { get: () => structuredClone(kept), put: (value: unknown) => void (kept = structuredClone(value)) }
}

const at = (page: number, top = 0) => ({ ...START, page, top })
const shown = (paper_id: number, page: number, top = 0) => ({ paper_id, page, top, left: 0, zoom: 100, member_id: 9, by: 'Trần Quốc Bảo' })

test('pages turn with the presenter until the page is touched, and again after rejoining', () => {
  const reading = new Reading(device())
  reading.present(shown(5, 3, 4_500))
  expect([reading.paperId, reading.place, reading.led]).toEqual([5, at(3, 4_500), true])

  reading.turn(at(4))
  expect([reading.led, reading.following]).toEqual([false, false])
  reading.present(shown(5, 5))
  expect(reading.place.page).toBe(4)

  reading.rejoin()
  expect([reading.place, reading.led]).toEqual([at(5), true])
  reading.leave()
  reading.present(shown(5, 6))
  expect(reading.place.page).toBe(5)
})

test('reading while nobody presents leaves nobody', () => {
  const reading = new Reading(device())
  reading.open(2)
  reading.turn(at(7))
  expect([reading.following, reading.led]).toEqual([true, false])
  reading.present(shown(5, 1))
  expect(reading.paperId).toBe(5)
  reading.present(null)
  expect([reading.paperId, reading.led]).toEqual([5, false])
})

test('going where one is already is no touch', () => {
  const reading = new Reading(device())
  reading.present(shown(5, 3))
  reading.turn(at(3))
  expect(reading.led).toBe(true)
})

test('a paper is taken up where it was left, also after a reload', () => {
  const kept = device()
  const before = new Reading(kept)
  before.open(2)
  before.turn(at(7, 100))
  before.open(3)
  before.present(shown(3, 2))
  before.leave()

  const after = new Reading(kept)
  expect([after.paperId, after.following, after.place]).toEqual([3, false, at(2)])
  after.open(2)
  expect(after.place).toEqual(at(7, 100))
  expect([...after.opened]).toEqual([3, 2])
})

test.each([null, 7, 'x', [], { paperId: 'a', places: { 3: null, 4: { page: 'x' } } }])('what cannot be understood is not kept: %j', (junk) => {
  const reading = new Reading({ get: () => junk, put: () => undefined })
  expect([reading.paperId, reading.following, reading.place]).toEqual([null, true, at(1)])
})

test('the presenter enlarges for all; what one enlarged oneself is not kept over a reload', () => {
  const kept = device()
  const reading = new Reading(kept)
  reading.present({ ...shown(5, 3), left: 1_200, zoom: 220 })
  expect(reading.place).toEqual({ page: 3, top: 0, left: 1_200, zoom: 220 })
  reading.turn({ ...reading.place, zoom: 300 })
  expect(reading.following).toBe(false)
  expect(new Reading(kept).place).toEqual(at(3))
})

test('links and search results lead back, one after the other', () => {
  const reading = new Reading(device())
  reading.open(2)
  reading.turn(at(4, 300))
  expect(reading.from).toBeNull()
  reading.jump(2, 9)
  reading.jump(6, 2)
  reading.jump(6, 1, 5_000, true)
  expect([reading.paperId, reading.place, reading.from]).toEqual([6, at(1, 5_000), { paperId: 2, page: 9 }])
  reading.goBack()
  expect([reading.paperId, reading.place.page]).toEqual([2, 9])
  reading.goBack()
  reading.goBack()
  expect([reading.place, reading.from]).toEqual([at(4, 300), null])
})

test('following a link leaves the presenter', () => {
  const reading = new Reading(device())
  reading.present(shown(5, 3))
  reading.jump(5, 9)
  expect(reading.following).toBe(false)
})
