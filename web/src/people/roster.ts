/** People as administrators look for them: by given name, by words, unit, role and account. */
import type { HouseRole, PersonView } from '../contract.gen'
import { begun, compareNames, wordsOf } from './names'

/** How somebody gets in: by name and password, not yet (no password), by a seat's card only, or not any more. */
export type Account = 'ready' | 'no_password' | 'card' | 'off'

export interface Sieve {
  query: string
  /** These units only. */
  units: ReadonlySet<number> | null
  role: HouseRole | null
  account: Account | null
}

/** Views never change, a changed person is another view: what was made of one can be kept with it. */
const words = new WeakMap<PersonView, string[]>()

function wordsAbout(person: PersonView): string[] {
  let known = words.get(person)
  if (!known) words.set(person, (known = wordsOf(`${person.full_name} ${person.position} ${person.username ?? ''}`)))
  return known
}

export function account(person: PersonView): Account {
  if (!person.active) return 'off'
  if (!person.username) return 'card'
  return person.has_password ? 'ready' : 'no_password'
}

export function byGivenName(people: Iterable<PersonView>): PersonView[] {
  return [...people].sort((a, b) => compareNames(a.full_name, b.full_name) || a.id - b.id)
}

/** Those that pass, in the order they came. */
export function sift(people: readonly PersonView[], { query, units, role, account: wanted }: Sieve): PersonView[] {
  const asked = wordsOf(query.trim())
  return people.filter(
    (person) =>
      (!units || units.has(person.unit_id ?? 0)) &&
      (!role || person.house_role === role) &&
      (!wanted || account(person) === wanted) &&
      begun(wordsAbout(person), asked),
  )
}

/** A password to read out over the telephone: no letters that look or sound alike. */
export function suggestPassword(): string {
  const letters = 'abcdefghkmnpqrstuvxy'
  const digits = '23456789'
  const pick = (from: string) => from[crypto.getRandomValues(new Uint32Array(1))[0]! % from.length]!
  const word = () => Array.from({ length: 4 }, () => pick(letters)).join('')
  return `${word()}-${word()}-${pick(digits)}${pick(digits)}`
}
