import { expect, test } from 'vitest'
import { blurred, mostOf, stepTo, tilesIn, within } from './zoom'

const sha = (n: number) => n.toString(16).padStart(64, '0')
/** A map of 2,500 × 1,500 pixels in squares of 1,000: three columns, two rows, the last ones cut off. */
const map = { columns: 3, rows: 2, edge: 1_000, width: 2_500, height: 1_500, images: [0, 1, 2, 3, 4, 5].map((n) => ({ sha256: sha(n), size: 1 })) }

test('steps up and down meet each other, and end at the limits', () => {
  const up = [1]
  for (let n = 0; n < 20; n++) up.push(stepTo(up.at(-1)!, 1, mostOf(null)))
  expect(up.slice(0, 8)).toEqual([1, 1.25, 1.5, 2, 2.5, 3, 4, 4])
  expect(stepTo(2.2, 1, 4)).toBe(2.5)
  expect(stepTo(2.2, -1, 4)).toBe(2)
  expect(stepTo(1, -1, 4)).toBe(1)
  expect(stepTo(4, 1, mostOf(map))).toBe(5)
})

test('never smaller than the whole, never larger than there is something to see', () => {
  expect([within(0.3, 4), within(2, 4), within(9, 4), within(9, mostOf(map))]).toEqual([1, 2, 4, 8])
})

test.each([
  [860, 1, false],
  [860, 2, false],
  [1_000, 2, true],
  [1_900, 1, true],
])('%i px at %i device pixels each: the first image is blurred %s', (px, ratio, is) => {
  expect(blurred({ sha256: sha(0), size: 1, width: 1_600, height: 2_263 }, px, ratio)).toBe(is)
})

test('the tiles of a view, the middle ones first, and those a hand may move in next', () => {
  const near = tilesIn(map, { left: 0, top: 0, right: 0.2, bottom: 0.3 })
  expect(near.map((tile) => tile.sha256)).toEqual([sha(0)])
  expect(near[0]).toEqual({ sha256: sha(0), left: 0, top: 0, right: 0.4, bottom: 1_000 / 1_500 })
  const all = tilesIn(map, { left: 0.4, top: 0.2, right: 0.9, bottom: 0.6 })
  expect(all[0]!.sha256).toBe(sha(1))
  expect(all).toHaveLength(6)
  expect(all.at(-1)!.right).toBeLessThanOrEqual(1)
})

test('a tile that is not made yet is left out', () => {
  expect(tilesIn({ ...map, images: map.images.slice(0, 1) }, { left: 0, top: 0, right: 1, bottom: 1 })).toHaveLength(1)
})
