import { expect, test } from 'vitest'
import type { TextLayer } from '../contract.gen'
import cases from '../../../tests/documents/find.json'
import { asked, findIn, folded } from './find'

/** Lines of words of 100 units each, 200 below one another. */
function page(...lines: string[]): TextLayer {
  return {
    lines: lines.map((text, row) => {
      const words = text.split(' ')
      return { box: [0, row * 200, words.length * 100, row * 200 + 150], block: row, size: 120, words: words.map((word, n) => [n * 100, n * 100 + 90, word]) }
    }),
  }
}
const found = (query: string, ...lines: string[]) => findIn(folded(page(...lines)), asked(query))

// The server has the same rule, and reads the same table.
test.each(cases)('$query in “$text”', ({ text, query, found: words }) => {
  expect(found(query, text).map((one) => one.words)).toEqual(words)
})

test('over the end of a line there is a box on each, and the text around is kept', () => {
  const [one] = found('vốn đầu tư', 'Phân bổ vốn', 'đầu tư công năm 2027')
  expect(one).toEqual({
    boxes: [
      [200, 0, 290, 150],
      [0, 200, 190, 350],
    ],
    before: 'Phân bổ',
    words: 'vốn đầu tư',
    after: 'công năm 2027',
  })
})

test('of a word that is asked for in part, that part is marked', () => {
  expect(found('hoa', 'kế hoạch')[0]!.boxes).toEqual([[100, 0, 154, 150]])
})

test('no more than asked for', () => {
  expect(findIn(folded(page('đi đi đi đi')), 'di', 3)).toHaveLength(3)
})
