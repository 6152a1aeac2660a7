import { expect, test } from 'vitest'
import { gallerySize, pageCount, swiped } from './gallery'

test.each([
  [390, 4],
  [768, 8],
  [1366, 8],
  [1920, 12],
])('a screen of %d px has %d pictures on a page', (width, size) => expect(gallerySize(width)).toBe(size))

test.each([
  [85, 8, 11],
  [8, 8, 1],
  [9, 8, 2],
  [0, 8, 1],
])('%d pictures, %d on a page, are %d pages', (pictures, size, pages) => expect(pageCount(pictures, size)).toBe(pages))

test.each([
  [-60, 10, 1],
  [60, -10, -1],
  [-30, 0, 0],
  [-60, 50, 0],
] as const)('a finger that went %d, %d turns by %d', (dx, dy, by) => expect(swiped(dx, dy)).toBe(by))
