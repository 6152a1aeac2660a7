import { expect, test } from 'vitest'
import { chapterAt, chapterFrom, duration, phaseOf, size, stepOf } from './recordings'

test.each([
  [0, '0:00'],
  [65.9, '1:05'],
  [3723, '1:02:03'],
  [36_000, '10:00:00'],
])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text))

test.each([
  [640_000, '640 kB'],
  [320_400_000, '320 MB'],
  [1_230_000_000, '1,2 GB'],
])('%d bytes are %s', (bytes, text) => expect(size(bytes)).toBe(text))

test.each([
  ['recording', null, 'goes'],
  ['recording', '2026-12-08T02:00:00Z', 'completing'],
  ['ready', '2026-12-08T02:00:00Z', 'ready'],
  ['failed', '2026-12-08T02:00:00Z', 'failed'],
] as const)('%s, ended %s: %s', (state, ended_at, phase) => expect(phaseOf({ state, ended_at })).toBe(phase))

const CHAPTERS = [
  { at: 0, title: 'Khai mạc' },
  { at: 60, title: 'Báo cáo' },
  { at: 300, title: 'Thảo luận' },
]

test.each([
  [0, 0],
  [59.9, 0],
  [60, 1],
  [4000, 2],
])('at second %d chapter %d is played', (at, chapter) => expect(chapterAt(CHAPTERS, at)).toBe(chapter))

test.each([
  [10, 1, 60],
  [70, -1, 60],
  [61, -1, 0],
  [310, 1, null],
  [1, -1, null],
])('from second %d by %d chapters to %s', (at, by, to) => expect(chapterFrom(CHAPTERS, at, by)).toBe(to))

test('keys move in the recording, but not while somebody writes or a button takes them', () => {
  const key = (name: string, more: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key: name, bubbles: true, ...more })
  expect(stepOf(key('ArrowRight'))).toEqual({ seconds: 10 })
  expect(stepOf(key('PageUp'))).toEqual({ chapters: -1 })
  expect(stepOf(key(' '))).toBe('toggle')
  expect(stepOf(key(' ', { isComposing: true }))).toBeNull()
  expect(stepOf(key('k', { ctrlKey: true }))).toBeNull()
  const button = document.body.appendChild(document.createElement('button'))
  let on: unknown
  button.addEventListener('keydown', (event) => (on = stepOf(event)))
  button.dispatchEvent(key(' '))
  expect(on).toBeNull()
  button.dispatchEvent(key('ArrowLeft'))
  expect(on).toEqual({ seconds: -10 })
})
