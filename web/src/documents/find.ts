/** Searching papers: the same words with and without diacritics, where they stand on the page, and what stands around them. */
import type { TextLayer } from '../contract.gen'
import { fold } from '../people/names'
import type { Box } from './text'

/** A place where the words stand: one box for each line they are on, and the text before and after for a list. */
export interface Found {
  boxes: Box[]
  before: string
  words: string
  after: string
}

/** A page's words, folded once to be searched many times. */
export interface Folded {
  text: string
  words: { from: number; to: number; line: number; x0: number; x1: number; word: string }[]
  layer: TextLayer
}

/** Shorter words are everywhere. */
export const LEAST = 2
/** So many words before and after are shown. */
const AROUND = [7, 12] as const

/** What is searched for: folded, with single blanks. Empty when it is too short. */
export function asked(query: string): string {
  const words = fold(query).split(/\s+/).filter(Boolean).join(' ')
  return words.length < LEAST ? '' : words
}

export function folded(layer: TextLayer): Folded {
  const words: Folded['words'] = []
  let text = ''
  layer.lines.forEach(({ words: line }, index) => {
    for (const [x0, x1, word] of line) {
      const plain = fold(word)
      if (text) text += ' '
      words.push({ from: text.length, to: text.length + plain.length, line: index, x0, x1, word: word.normalize('NFC') })
      text += plain
    }
  })
  return { text, words, layer }
}

/** Where the words asked for begin a word of the page, up to `most` times. "dau tu" finds "đầu tư", "cau t" finds "cầu tre". */
export function findIn({ text, words, layer }: Folded, query: string, most = 200): Found[] {
  const found: Found[] = []
  for (let at = text.indexOf(query); query && at >= 0 && found.length < most; at = text.indexOf(query, at + 1)) {
    if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1]!)) continue
    const end = at + query.length
    const first = words.findIndex((word) => word.to > at)
    const last = words.findIndex((word) => word.to >= end)
    const hit = words.slice(first, last + 1)
    found.push({
      boxes: boxesOf(hit, at, end, layer),
      before: textOf(words.slice(Math.max(0, first - AROUND[0]), first)),
      words: textOf(hit),
      after: textOf(words.slice(last + 1, last + 1 + AROUND[1])),
    })
  }
  return found
}

/** Of a word that is only in part asked for, that part. */
function boxesOf(hit: Folded['words'], at: number, end: number, layer: TextLayer): Box[] {
  const boxes = new Map<number, Box>()
  for (const { from, to, line, x0, x1 } of hit) {
    const each = (x1 - x0) / (to - from || 1)
    const left = x0 + each * Math.max(0, at - from)
    const right = x1 - each * Math.max(0, to - end)
    const [, top, , bottom] = layer.lines[line]!.box
    const before = boxes.get(line)
    boxes.set(line, [Math.min(before?.[0] ?? left, left), top, Math.max(before?.[2] ?? right, right), bottom])
  }
  return [...boxes.values()]
}

function textOf(words: Folded['words']): string {
  return words.map(({ word }) => word).join(' ')
}
