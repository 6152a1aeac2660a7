/** A share of the board's key in a file that only opens with its owner's PIN: AES-256-GCM under a key that is slow to guess (PBKDF2). */
import { type Bytes, hex, unhex, utf8 } from './bytes'

const ROUNDS = 600_000

interface Locked {
  format: 'meetroom share 1'
  rounds: number
  salt: string
  iv: string
  sealed: string
}

export async function lock(share: Bytes, pin: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await stretched(pin, salt, ROUNDS), share))
  return JSON.stringify({ format: 'meetroom share 1', rounds: ROUNDS, salt: hex(salt), iv: hex(iv), sealed: hex(sealed) } satisfies Locked)
}

/** Null for another PIN or another file. */
export async function unlock(text: string, pin: string): Promise<Bytes | null> {
  try {
    const file = JSON.parse(text) as Locked
    if (file.format !== 'meetroom share 1' || file.rounds > 10 * ROUNDS) return null
    const key = await stretched(pin, unhex(file.salt), file.rounds)
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: unhex(file.iv) }, key, unhex(file.sealed)))
  } catch {
    return null
  }
}

async function stretched(pin: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const raw = await crypto.subtle.importKey('raw', utf8(pin), 'PBKDF2', false, ['deriveKey'])
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, raw, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
