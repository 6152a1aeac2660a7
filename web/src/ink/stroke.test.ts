import { expect, test } from 'vitest'
import type { Point } from './coding'
import { boxOf, cut, hits, onPage, overlap, placed, steadied, thinned, widthAt } from './stroke'

const TALL = Math.SQRT2
const line: Point[] = [[1000, 1000, 128], [2000, 1000, 128], [3000, 1000, 128]] // prettier-ignore

test('a straight line needs its ends only, a corner stays', () => {
  expect(thinned(line, TALL)).toEqual([line[0], line[2]])
  const corner: Point[] = [...line, [3000, 2000, 128]]
  expect(thinned(corner, TALL)).toEqual([line[0], line[2], corner[3]])
})

test('a change of pressure on a straight line stays', () => {
  const pressed: Point[] = [[1000, 1000, 40], [2000, 1000, 240], [3000, 1000, 40]] // prettier-ignore
  expect(thinned(pressed, TALL)).toEqual(pressed)
})

test('a circle keeps its shape: no point of it is further away than fine', () => {
  const circle = Array.from({ length: 400 }, (_, n): Point => placed(5000 + 1000 * Math.cos(n / 60), 5000 + (1000 / TALL) * Math.sin(n / 60), 128))
  const few = thinned(circle, TALL)
  expect(few.length).toBeLessThan(80)
  for (const [x, y] of circle) expect(hits(few, 0, x, y, 8, TALL)).toBe(true)
})

test('never more points than the server takes', () => {
  const wild = Array.from({ length: 4000 }, (_, n): Point => [n % 2 ? 1000 : 1100, Math.round(2 * n), 128])
  expect(thinned(wild, TALL).length).toBeLessThanOrEqual(3000)
})

test.each([
  ['on the line', 2000, 1000, true],
  ['within reach', 2000, 1020, true],
  ['too far above', 2000, 900, false],
  ['beyond the end', 3100, 1000, false],
])('the eraser %s', (_, x, y, hit) => expect(hits(line, 20, x, y, 40, TALL)).toBe(hit))

test('a dot is hit as well', () => {
  expect(hits([[500, 500, 128]], 20, 520, 500, 20, TALL)).toBe(true)
  expect(hits([[500, 500, 128]], 20, 580, 500, 20, TALL)).toBe(false)
})

test('cutting in the middle leaves both ends, cutting beside it nothing changed', () => {
  const pieces = cut(line, 2000, 1000, 100, TALL)
  expect(pieces).toHaveLength(2)
  expect(pieces![0]![0]).toEqual(line[0])
  expect(pieces![0]!.at(-1)![0]).toBeLessThanOrEqual(1900)
  expect(pieces![1]![0]![0]).toBeGreaterThanOrEqual(2100)
  expect(cut(line, 2000, 1300, 100, TALL)).toBeNull()
  expect(cut(line, 2000, 1000, 2000, TALL)).toEqual([])
})

test('a stroke’s place includes its width', () => {
  const box = boxOf(line, 100, TALL)
  expect(box.left).toBeLessThan(950)
  expect(overlap(box, { left: 0, right: 960, top: 0, bottom: 2000 })).toBe(true)
  expect(overlap(box, { left: 0, right: 800, top: 0, bottom: 2000 })).toBe(false)
})

test('a pen that is pressed draws wider, on average its own width', () => {
  expect(widthAt(100, 0)).toBeLessThan(widthAt(100, 255))
  expect((widthAt(100, 0) + widthAt(100, 255)) / 2).toBeCloseTo(100)
})

test('points are steadied and stay where a hand may draw', () => {
  expect(steadied(undefined, 99_999, -99_999, 999)).toEqual([15_000, -1000, 255])
  expect(steadied([1000, 1000, 100], 2000, 1000, 100)[0]).toBeLessThan(2000)
})

test('a stroke ends at the edge of the page, and begins there when the pen comes back', () => {
  expect(onPage(line)).toEqual([line])
  const out: Point[] = [[9_000, 5_000, 90], [9_900, 5_000, 90], [10_400, 5_100, 90], [11_000, 5_200, 90], [10_300, 5_300, 90], [9_800, 5_300, 90]] // prettier-ignore
  expect(onPage(out)).toEqual([
    [[9_000, 5_000, 90], [9_900, 5_000, 90], [10_000, 5_100, 90]],
    [[10_000, 5_300, 90], [9_800, 5_300, 90]],
  ]) // prettier-ignore
  expect(onPage([[500, -40, 90], [500, 60, 90], [500, -80, 90]])).toEqual([[[500, 0, 90], [500, 60, 90], [500, 0, 90]]]) // prettier-ignore
  expect(onPage([[-900, 100, 90]])).toEqual([])
})
