import type { vi } from './vi'

type Vi = typeof vi

/** Another language has the same keys. */
export type Language = { [N in keyof Vi]: Record<keyof Vi[N], string> }

/** `noun.key` */
export type Key = { [N in keyof Vi & string]: `${N}.${keyof Vi[N] & string}` }[keyof Vi & string]

type Sentence<K> = K extends `${infer N extends keyof Vi & string}.${infer W}` ? (W extends keyof Vi[N] ? Vi[N][W] : never) : never
type Gap<S> = S extends `${string}{${infer G}}${infer Rest}` ? G | Gap<Rest> : never

/** What must be filled in: none for a plain sentence, one record for a sentence with {gaps}. */
export type Filling<K> = [Gap<Sentence<K>>] extends [never] ? [] : [Record<Gap<Sentence<K>>, string | number>]
