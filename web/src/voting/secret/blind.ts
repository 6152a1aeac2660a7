/** The tablet's side of blind RSA signatures, RSABSSA-SHA384-PSS-Randomized of RFC 9474. Every random value is given from outside, so
    that a seat card's seed brings back the same ballot on another tablet. */
import { type Bytes, hex, integer, integerBytes, inverse, join, modulo, power, unhex } from './bytes'

const E = 65537n
const HASH = 48

/** The random values of one token: itself, the prefix it is signed with, the salt of PSS, and what the blinding factor is made of. */
export interface Draw {
  token: Bytes
  prefix: Bytes
  salt: Bytes
  factor: Bytes
}

/** A token laid open, as a program can check it. */
export interface Shown {
  token: string
  prefix: string
  signature: string
}

async function sha384(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-384', data))
}

/** EMSA-PSS-ENCODE of RFC 8017, section 9.1.1, for a modulus of `bits`. */
export async function encode(message: Bytes, bits: number, salt: Bytes): Promise<bigint> {
  const size = Math.ceil((bits - 1) / 8)
  const digest = await sha384(join(new Uint8Array(8), await sha384(message), salt))
  const block = join(new Uint8Array(size - salt.length - HASH - 2), Uint8Array.of(1), salt)
  for (let n = 0; n * HASH < block.length; n++) {
    const mask = await sha384(join(digest, integerBytes(BigInt(n), 4)))
    mask.forEach((byte, at) => n * HASH + at < block.length && (block[n * HASH + at]! ^= byte))
  }
  block[0]! &= 0xff >> (8 * size - (bits - 1))
  return integer(join(block, digest, Uint8Array.of(0xbc)))
}

function bitsOf(n: bigint): number {
  return n.toString(2).length
}

/** What the issuer is asked to sign. */
export async function blind(modulus: string, draw: Draw): Promise<string> {
  const n = BigInt(`0x${modulus}`)
  const bits = bitsOf(n)
  const m = await encode(join(draw.prefix, draw.token), bits, draw.salt)
  const factor = modulo(integer(draw.factor), n)
  inverse(factor, n) // throws for the one factor in 10^300 that hides nothing
  return hex(integerBytes(modulo(m * power(factor, E, n), n), Math.ceil(bits / 8)))
}

/** The signature in what the issuer answered. Throws when it is none: then the issuer has not signed what it was asked. */
export async function unblind(modulus: string, draw: Draw, signed: string): Promise<Shown> {
  const n = BigInt(`0x${modulus}`)
  const plain = modulo(BigInt(`0x${signed}`) * inverse(integer(draw.factor), n), n)
  const shown = { token: hex(draw.token), prefix: hex(draw.prefix), signature: hex(integerBytes(plain, Math.ceil(bitsOf(n) / 8))) }
  if (!(await isSigned(modulus, shown))) throw new Error('signature')
  return shown
}

const KEYS = new Map<string, Promise<CryptoKey>>()

/** An ordinary RSASSA-PSS check, as anybody can make it. */
export async function isSigned(modulus: string, { token, prefix, signature }: Shown): Promise<boolean> {
  const [t, p, s] = [unhex(token), unhex(prefix), unhex(signature)]
  if (t.length !== 32 || p.length !== 32) return false
  const key = KEYS.get(modulus) ?? importKey(modulus)
  KEYS.set(modulus, key)
  return crypto.subtle.verify({ name: 'RSA-PSS', saltLength: HASH }, await key, s, join(p, t))
}

function importKey(modulus: string): Promise<CryptoKey> {
  const url = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')
  const jwk = { kty: 'RSA', n: url(unhex(modulus)), e: 'AQAB', alg: 'PS384', ext: true }
  return crypto.subtle.importKey('jwk', jwk, { name: 'RSA-PSS', hash: 'SHA-384' }, true, ['verify'])
}
