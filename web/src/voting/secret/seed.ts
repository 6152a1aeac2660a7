/** The 16 random bytes that a whole ballot comes from, and how people keep them: a QR code, or letters on the seat card. */
import { type Bytes, integer, integerBytes, sha256, unhex, utf8 } from './bytes'
import type { Draw } from './blind'

/** Without I, L, O, U: nobody misreads them. */
export const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export function newSeed(): Bytes {
  return crypto.getRandomValues(new Uint8Array(16))
}

/** Bytes as letters in groups of four, the last two letters a check. */
export async function spell(bytes: Bytes): Promise<string> {
  const count = Math.ceil((bytes.length * 8) / 5)
  let value = integer(bytes)
  let letters = ''
  for (let n = 0; n < count; n++, value >>= 5n) letters = LETTERS[Number(value & 31n)] + letters
  return (letters + (await check(bytes))).replace(/(.{4})(?=.)/g, '$1-')
}

/** The bytes of what somebody typed or a camera read; null when a letter is wrong. */
export async function unspell(text: string, size: number): Promise<Bytes | null> {
  const letters = text.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1').replace(/U/g, 'V').replace(/[^0-9A-Z]/g, '')
  const count = Math.ceil((size * 8) / 5)
  if (letters.length !== count + 2) return null
  const value = [...letters.slice(0, count)].reduce((sum, letter) => (sum << 5n) | BigInt(LETTERS.indexOf(letter)), 0n)
  if (value >> BigInt(size * 8)) return null
  const bytes = integerBytes(value, size)
  return (await check(bytes)) === letters.slice(count) ? bytes : null
}

async function check(bytes: Bytes): Promise<string> {
  const hash = Number.parseInt((await sha256(bytes)).slice(0, 4), 16)
  return LETTERS[hash & 31]! + LETTERS[(hash >> 5) & 31]!
}

/** Everything random of one ballot in one vote: HKDF (RFC 5869) of the seed, with the manifest's hash as salt. The same seed gives another
    ballot in another vote. */
export async function draw(seed: Bytes, manifestHash: string): Promise<{ slot: Draw; ballot: Draw }> {
  const key = await crypto.subtle.importKey('raw', seed, 'HKDF', false, ['deriveBits'])
  const [slot, ballot] = await Promise.all(
    ['slot', 'ballot'].map(async (name) => {
      const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: unhex(manifestHash), info: utf8(`meetroom ${name}`) }
      const bytes = new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 400 * 8))
      return { token: bytes.slice(0, 32), prefix: bytes.slice(32, 64), salt: bytes.slice(64, 112), factor: bytes.slice(112) } // factor: 288 bytes, even mod n
    }),
  )
  return { slot: slot!, ballot: ballot! }
}
