import { expect, test } from 'vitest'
import { Reading } from './reading.svelte'

/** A device that remembers. */
function device() {
  let kept: unknown = null
  return { get: () => structuredClone(kept), put: (value: unknown) => void (kept = structuredClone(value)) }
}

const shown = (paper_id: number, page: number, top = 0) => ({ paper_id, page, top, left: 0, zoom: 100, member_id: 9, by: 'Trần Quốc Bảo' })

test('pages turn with the presenter until the page is touched, and again after rejoining', () => {
  const reading = new Reading(device())
  reading.present(shown(5, 3, 4_500))
  expect([reading.paperId, reading.place, reading.led]).toEqual([5, { page: 3, top: 4_500 }, true])

  reading.turn({ page: 4, top: 0 })
  expect([reading.led, reading.following]).toEqual([false, false])
  reading.present(shown(5, 5))
  expect(reading.place.page).toBe(4)

  reading.rejoin()
  expect([reading.place, reading.led]).toEqual([{ page: 5, top: 0 }, true])
  reading.leave()
  reading.present(shown(5, 6))
  expect(reading.place.page).toBe(5)
})

test('reading while nobody presents leaves nobody', () => {
  const reading = new Reading(device())
  reading.open(2)
  reading.turn({ page: 7, top: 0 })
  expect([reading.following, reading.led]).toEqual([true, false])
  reading.present(shown(5, 1))
  expect(reading.paperId).toBe(5)
  reading.present(null)
  expect([reading.paperId, reading.led]).toEqual([5, false])
})

test('going where one is already is no touch', () => {
  const reading = new Reading(device())
  reading.present(shown(5, 3))
  reading.turn({ page: 3, top: 0 })
  expect(reading.led).toBe(true)
})

test('a paper is taken up where it was left, also after a reload', () => {
  const kept = device()
  const before = new Reading(kept)
  before.open(2)
  before.turn({ page: 7, top: 100 })
  before.open(3)
  before.present(shown(3, 2))
  before.leave()

  const after = new Reading(kept)
  expect([after.paperId, after.following, after.place]).toEqual([3, false, { page: 2, top: 0 }])
  after.open(2)
  expect(after.place).toEqual({ page: 7, top: 100 })
  expect([...after.opened]).toEqual([3, 2])
})

test.each([null, 7, 'x', [], { paperId: 'a', places: { 3: null, 4: { page: 'x' } } }])('what cannot be understood is not kept: %j', (junk) => {
  const reading = new Reading({ get: () => junk, put: () => undefined })
  expect([reading.paperId, reading.following, reading.place]).toEqual([null, true, { page: 1, top: 0 }])
})
