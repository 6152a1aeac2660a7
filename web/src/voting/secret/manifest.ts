/** What a secret vote is, as it was signed, and checks of everything that is signed about it. */
import type { ManifestView, Question, Rule } from '../../contract.gen'
import { type Bytes, sha256, unhex, utf8 } from './bytes'
import { LETTERS } from './seed'

export interface Manifest {
  format: string
  meeting: number
  vote: number
  title: string
  questions: Question[]
  rule: Rule
  electors: number
  all_members: number
  issuer: { slot: string; ballot: string }
  board: { key: string; shares: string[]; needed: number; members: string[] }
  box: { key: string }
  server: { key: string }
  size: number
}

export const FORMAT = 'meetroom secret vote 1'

export interface Checked extends Manifest {
  hash: string
  code: string
}

/** The manifest in what the server sent. Throws when its signature or its code is not its own. */
export async function read(view: ManifestView): Promise<Checked> {
  const manifest = JSON.parse(view.text) as Manifest
  const hash = await sha256(view.text)
  const code = shortCode(hash)
  const signed = await isSignedBy(manifest.server.key, 'manifest', view.text, view.signature)
  if (manifest.format !== FORMAT || manifest.vote !== view.id || code !== view.code || !signed) throw new Error('manifest')
  return { ...manifest, hash, code }
}

/** 60 bits of the hash for people to compare: `7KQM-2XPA-9DHT`. */
export function shortCode(hash: string): string {
  const bits = BigInt(`0x${hash.slice(0, 15)}`)
  const letters = Array.from({ length: 12 }, (_, n) => LETTERS[Number((bits >> BigInt(55 - 5 * n)) & 31n)]).join('')
  return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }

export async function isSignedBy(publicKey: string, what: string, text: string, signature: string): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', unhex(publicKey), CURVE, true, ['verify'])
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, unhex(signature), line(what, text))
}

/** A key of this device, which it cannot give away. */
export function deviceKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(CURVE, false, ['sign', 'verify'])
}

export async function signWith(key: CryptoKey, what: string, text: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, line(what, text)))
}

function line(what: string, text: string): Bytes {
  return utf8(`meetroom ${what}\n${text}`)
}
