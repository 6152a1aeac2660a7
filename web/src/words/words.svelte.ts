import { en } from './en'
import type { Filling, Key, Language } from './types'
import { vi } from './vi'

export type Tongue = 'vi' | 'en'
const TONGUES: Record<Tongue, Language> = { vi, en }
const STORED = 'meetroom.language'

/** All who meet are in one country, and a tablet with a wrong zone must show what the wall shows. */
const ZONE = 'Asia/Ho_Chi_Minh'

const stored: Tongue = localStorage.getItem(STORED) === 'en' ? 'en' : 'vi'
let tongue = $state(stored)
document.documentElement.lang = stored

export function language(): Tongue {
  return tongue
}

export function setLanguage(to: Tongue): void {
  tongue = to
  document.documentElement.lang = to
  localStorage.setItem(STORED, to)
}

/** The sentence of `noun.key` in the language in use. Numbers are written as the language writes them; years go in as text. */
export function t<K extends Key>(key: K, ...filling: Filling<K>): string {
  const [noun, word] = key.split('.') as [keyof Language, never]
  const sentence: string = TONGUES[tongue][noun][word]
  const values: Record<string, string | number> = filling[0] ?? {}
  return sentence.replace(/\{(\w+)\}/g, (_, gap: string) => {
    const value = values[gap]
    return typeof value === 'number' ? number(value) : (value ?? '')
  })
}

const LOCALES: Record<Tongue, string> = { vi: 'vi-VN', en: 'en-GB' }
const numbers = new Map<string, Intl.NumberFormat>()

/** 2.915 · 87,23 */
export function number(value: number, digits?: number): string {
  const key = `${tongue} ${digits}`
  let format = numbers.get(key)
  if (!format) numbers.set(key, (format = new Intl.NumberFormat(LOCALES[tongue], { minimumFractionDigits: digits, maximumFractionDigits: digits ?? 2 })))
  return format.format(value)
}

type Moment = string | number | Date

// Made once: to make one takes a slow tablet longer than to draw a page.
const clockParts = { timeZone: ZONE, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' } as const
const CLOCK = new Intl.DateTimeFormat('en-GB', clockParts)
const SECONDS = new Intl.DateTimeFormat('en-GB', { ...clockParts, second: '2-digit' })
const DATE = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, day: '2-digit', month: '2-digit', year: 'numeric' })
const ISO = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE })
const weekday = (tongue: Tongue) => new Intl.DateTimeFormat(LOCALES[tongue], { timeZone: ZONE, weekday: 'long' })
const WEEKDAYS: Record<Tongue, Intl.DateTimeFormat> = { vi: weekday('vi'), en: weekday('en') }

/** What is no moment is nothing. */
function written(moment: Moment, format: Intl.DateTimeFormat): string {
  const date = new Date(moment)
  return Number.isNaN(date.getTime()) ? '' : format.format(date)
}

/** 09:36 */
export function time(moment: Moment): string {
  return written(moment, CLOCK)
}

/** 09:47:18 */
export function timeToSecond(moment: Moment): string {
  return written(moment, SECONDS)
}

/** 08/12/2026, in both languages */
export function date(moment: Moment): string {
  return written(moment, DATE)
}

/** 2026-12-08, as a date field and the server write it */
export function isoDate(moment: Moment): string {
  return written(moment, ISO)
}

/** Thứ Ba, 08/12/2026 */
export function day(moment: Moment): string {
  return `${written(moment, WEEKDAYS[tongue])}, ${date(moment)}`
}
