import { expect, test } from 'vitest'
import { type Place, stepped, type View } from './place'

const half: View = { from: 0, to: 10_000, visible: 5_500 } // a tablet lying on its side
const whole: View = { from: 0, to: 10_000, visible: 10_000 }
const trimmed: View = { from: 700, to: 9_300, visible: 6_000 } // margins cut off
const small: View = { from: 700, to: 9_300, visible: 8_600 } // margins cut, and all of it seen
const at = (page: number, top = 0): Place => ({ page, top, left: 0, zoom: 100 })

test.each([
  ['the lower half of the same page', at(3), 'turn', half, at(3, 4_500)],
  ['the next page after the lower half', at(3, 4_500), 'turn', half, at(4)],
  ['a rest too small to be a turn is skipped', at(3, 4_250), 'turn', half, at(4)],
  ['a page that fits is turned at once', at(3), 'turn', whole, at(4)],
  ['the end', at(12, 4_500), 'turn', half, at(12, 4_500)],
  ['up again on the same page', at(3, 4_500), 'back', half, at(3, 0)],
  ['back into the lower half of the page before', at(3), 'back', half, at(2, 4_500)],
  ['the beginning', at(1), 'back', half, at(1)],
  ['with margins cut, the lower edge of the print', at(3, 700), 'turn', trimmed, at(3, 3_300)],
  ['with margins cut, the next page', at(3, 3_300), 'turn', trimmed, at(4)],
  ['with margins cut, back', at(3, 700), 'back', trimmed, at(2, 3_300)],
  ['with margins cut, a page that fits is turned at once', at(3), 'turn', small, at(4)],
  ['a whole page on', at(3, 4_500), 'next', half, at(4)],
  ['a whole page back', at(3, 4_500), 'previous', half, at(2)],
  ['nothing before the first', at(1), 'previous', half, at(1)],
  ['nothing behind the last', at(12), 'next', half, at(12)],
  ['to the first', at(7, 4_500), 'first', half, at(1)],
  ['to the last', at(7), 'last', half, at(12)],
] as const)('%s', (_, from, step, view, to) => {
  expect(stepped(from, step, view, 12)).toEqual(to)
})

test('turning from the first to the last page and back visits each half once', () => {
  let place = at(1)
  const seen = []
  for (let n = 0; n < 5; n++) seen.push((place = stepped(place, 'turn', half, 3)))
  expect(seen).toEqual([at(1, 4_500), at(2), at(2, 4_500), at(3), at(3, 4_500)])
  for (let n = 0; n < 5; n++) place = stepped(place, 'back', half, 3)
  expect(place).toEqual(at(1))
})

test.each([
  ['the next two', at(3), 'next', at(5)],
  ['from the right one as well', at(4), 'next', at(5)],
  ['the two before', at(4), 'previous', at(1)],
  ['the last may lie alone', at(12), 'next', at(13)],
  ['the end', at(13), 'next', at(13)],
  ['to the last', at(1), 'last', at(13)],
  ['back to the lower part of the two before', at(3), 'back', at(1, 4_500)],
] as const)('side by side: %s', (_, from, step, to) => {
  expect(stepped(from, step, half, 13, 2)).toEqual(to)
})

test('what is enlarged stays so on the next page', () => {
  expect(stepped({ page: 3, top: 9_000, left: 1_200, zoom: 220 }, 'turn', half, 12)).toEqual({ page: 4, top: 0, left: 1_200, zoom: 220 })
})
