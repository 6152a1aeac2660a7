import { expect, test } from 'vitest'
import { printed, WHOLE } from './margins'

/** A white page of 100 × 140 with black rectangles [x, y, width, height] on it. */
function page(...marks: [number, number, number, number][]) {
  const data = new Uint8ClampedArray(100 * 140 * 4).fill(255)
  for (const [left, top, width, height] of marks)
    for (let y = top; y < top + height; y++) for (let x = left; x < left + width; x++) data.fill(0, (y * 100 + x) * 4, (y * 100 + x) * 4 + 3)
  return { data, width: 100, height: 140 }
}

test('the margins around the print are found, with a little air', () => {
  const box = printed(page([10, 14, 80, 100]))
  expect(box.x).toBeCloseTo(0.088)
  expect(box.y).toBeCloseTo(0.088)
  expect(box.width).toBeCloseTo(0.824)
  expect(box.height).toBeCloseTo(0.738, 2)
})

test('a page of few words is not blown up, and stays within its edges', () => {
  const heading = printed(page([40, 20, 20, 4]))
  expect(heading.width).toBeCloseTo(0.76)
  expect(heading.x).toBeCloseTo(0.12)
  const note = printed(page([2, 20, 10, 4]))
  expect(note.x).toBeCloseTo(0)
  expect(note.width).toBeCloseTo(0.76)
})

test('an empty page and one full of print stay whole; a speck of dust is no print', () => {
  expect(printed(page())).toEqual(WHOLE)
  expect(printed(page([0, 0, 100, 140]))).toEqual(WHOLE)
  const dusty = page([10, 14, 80, 100])
  dusty.data.fill(0, 0, 3)
  expect(printed(dusty).y).toBeCloseTo(0.088)
})
