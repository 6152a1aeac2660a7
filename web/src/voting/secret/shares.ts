/** The board's key in three shares, any two of which bring it back (Shamir, over the field of the order of P-256). One share alone says
    nothing: for every key there is a line through it. */
import { type Bytes, integer, integerBytes, inverse, modulo } from './bytes'

/** The order of P-256's group, a prime (SEC 2, section 2.4.2). */
export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const KEY = 32

/** A share: its number 1, 2 or 3, then the value there of the line that has the key at 0. */
export function split(key: Bytes): [Bytes, Bytes, Bytes] {
  const secret = integer(key)
  if (key.length !== KEY || secret === 0n || secret >= ORDER) throw new RangeError('key')
  const slope = modulo(integer(crypto.getRandomValues(new Uint8Array(48))), ORDER)
  const at = (x: bigint) => Uint8Array.of(Number(x), ...integerBytes(modulo(secret + slope * x, ORDER), KEY))
  return [at(1n), at(2n), at(3n)]
}

export function combine(one: Bytes, other: Bytes): Bytes {
  const [x1, x2] = [BigInt(one[0] ?? 0), BigInt(other[0] ?? 0)]
  if (one.length !== KEY + 1 || other.length !== KEY + 1 || x1 === x2) throw new RangeError('shares')
  const [y1, y2] = [integer(one.subarray(1)), integer(other.subarray(1))]
  const slope = (y2 - y1) * inverse(x2 - x1, ORDER)
  return integerBytes(modulo(y1 - slope * x1, ORDER), KEY)
}
