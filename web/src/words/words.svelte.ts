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

/** 2.915 · 87,23 */
export function number(value: number, digits?: number): string {
  return value.toLocaleString(tongue === 'vi' ? 'vi-VN' : 'en-GB', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits ?? 2,
  })
}

type Moment = string | number | Date
const clockParts = { timeZone: ZONE, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' } as const

/** 09:36 */
export function time(moment: Moment): string {
  return new Date(moment).toLocaleTimeString('en-GB', clockParts)
}

/** 09:47:18 */
export function timeToSecond(moment: Moment): string {
  return new Date(moment).toLocaleTimeString('en-GB', { ...clockParts, second: '2-digit' })
}

/** 08/12/2026, in both languages */
export function date(moment: Moment): string {
  return new Date(moment).toLocaleDateString('en-GB', { timeZone: ZONE, day: '2-digit', month: '2-digit', year: 'numeric' })
}

/** 2026-12-08, as a date field and the server write it */
export function isoDate(moment: Moment): string {
  return new Date(moment).toLocaleDateString('sv-SE', { timeZone: ZONE })
}

/** Thứ Ba, 08/12/2026 */
export function day(moment: Moment): string {
  const name = new Date(moment).toLocaleDateString(tongue === 'vi' ? 'vi-VN' : 'en-GB', { timeZone: ZONE, weekday: 'long' })
  return `${name}, ${date(moment)}`
}
