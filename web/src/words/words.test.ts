import { afterEach, expect, test } from 'vitest'
import { Refusal } from '../refusal'
import { en } from './en'
import { sentence } from './refusals'
import { vi } from './vi'
import { date, day, number, setLanguage, t, time, timeToSecond } from './words.svelte'

afterEach(() => setLanguage('vi'))

test('a sentence in the language in use, its gaps filled, numbers as the language writes them', () => {
  expect(t('ui.undo')).toBe('Hoàn tác')
  expect(t('ui.minutes', { n: 1234.5 })).toBe('1.234,5 phút')
  setLanguage('en')
  expect(document.documentElement.lang).toBe('en')
  expect(t('ui.undo')).toBe('Undo')
  expect(t('ui.minutes', { n: 1234.5 })).toBe('1,234.5 min')
})

test('numbers and moments as an office writes them, in the country’s time', () => {
  const moment = '2026-12-08T02:07:08.000Z'
  expect(number(87.234, 2)).toBe('87,23')
  expect(number(2915)).toBe('2.915')
  expect(time(moment)).toBe('09:07')
  expect(timeToSecond(moment)).toBe('09:07:08')
  expect(date(moment)).toBe('08/12/2026')
  expect(day(moment)).toBe('Thứ Ba, 08/12/2026')
  expect(time('2026-12-08T17:00:00Z')).toBe('00:00')
})

test('every refusal has a sentence, with its numbers', () => {
  expect(sentence(new Refusal('no_quorum', { present: 30, needed: 32 }))).toBe('Chưa đủ điều kiện họp: có mặt 30, cần 32.')
  expect(sentence(new Refusal('rate_limited', { retry_after: 12.4 }))).toBe('Đã thử quá nhiều lần. Thử lại sau 13 giây.')
  expect(sentence(new Refusal('rate_limited', { retry_after: 900 }))).toContain('15 phút')
  expect(sentence(new Refusal('too_large', { limit: 50_000_000 }))).toContain('50 MB')
  expect(sentence(new Refusal('a_code_of_tomorrow'))).toBe(vi.refusals.internal)
})

const sentences = (words: object): [string, string][] =>
  Object.entries(words).flatMap(([noun, keys]) => Object.entries(keys as object).map(([key, text]): [string, string] => [`${noun}.${key}`, text]))

test('the official tone: no exclamation, nothing said to "bạn", no politeness, no congratulation', () => {
  const wrong = sentences(vi).filter(([, text]) => /!|(^|\s)(bạn|vui lòng|thành công|người dùng|online|offline|mute)(\s|[.,]|$)/i.test(text))
  expect(wrong).toEqual([])
})

test('both languages have the same gaps', () => {
  const gaps = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join()
  const english = Object.fromEntries(sentences(en))
  expect(sentences(vi).filter(([key, text]) => gaps(text) !== gaps(english[key]!))).toEqual([])
})

test('Vietnamese is written with whole letters, so that sorting and searching find it', () => {
  expect(sentences(vi).filter(([, text]) => text !== text.normalize('NFC'))).toEqual([])
})
