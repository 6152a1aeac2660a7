import { afterEach, expect, test } from 'vitest'
import { Look } from './look.svelte'

function device(kept: unknown = null) {
  return { get: () => structuredClone(kept), put: (value: unknown) => void (kept = structuredClone(value)) }
}
const { dataset } = document.documentElement

afterEach(() => {
  delete dataset.theme
  delete dataset.paper
})

test('what one likes is kept on the device', () => {
  const shelf = device()
  const look = new Look(shelf)
  expect([look.fit, look.paper, look.large]).toEqual(['width', 'system', false])
  look.fit = 'two'
  look.paper = 'ivory'
  look.large = true
  const after = new Look(shelf)
  expect([after.fit, after.paper, after.large]).toEqual(['two', 'ivory', true])
})

test.each([7, 'x', { fit: 'huge', paper: 3, large: 'yes' }])('what cannot be understood is not kept: %j', (junk) => {
  const look = new Look(device(junk))
  expect([look.fit, look.paper, look.large]).toEqual(['width', 'system', false])
})

test.each([
  ['system', undefined, undefined],
  ['white', 'light', undefined],
  ['ivory', 'light', 'ivory'],
  ['dark', 'dark', undefined],
] as const)('%s paper, and the screen after it as before', (paper, theme, dyed) => {
  const look = new Look(device())
  look.paper = paper
  const leave = look.colour()
  expect([dataset.theme, dataset.paper]).toEqual([theme, dyed])
  leave()
  expect([dataset.theme, dataset.paper]).toEqual([undefined, undefined])
})
