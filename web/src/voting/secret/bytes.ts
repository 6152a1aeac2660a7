/** Bytes as they travel and are hashed. */
export type Bytes = Uint8Array<ArrayBuffer>

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Throws RangeError for what is no hex. */
export function unhex(text: string): Bytes {
  if (text.length % 2 || !/^[0-9a-f]*$/.test(text)) throw new RangeError('hex')
  return Uint8Array.from({ length: text.length / 2 }, (_, n) => Number.parseInt(text.slice(2 * n, 2 * n + 2), 16))
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes
}

export function join(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export async function sha256(data: Bytes | string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', typeof data === 'string' ? utf8(data) : data)))
}

export function integer(bytes: Uint8Array): bigint {
  return bytes.length ? BigInt(`0x${hex(bytes)}`) : 0n
}

/** In `size` bytes, most significant first. */
export function integerBytes(value: bigint, size: number): Bytes {
  return unhex(value.toString(16).padStart(2 * size, '0'))
}

export function modulo(value: bigint, n: bigint): bigint {
  const rest = value % n
  return rest < 0n ? rest + n : rest
}

export function power(base: bigint, exponent: bigint, n: bigint): bigint {
  let result = 1n
  for (let b = modulo(base, n), e = exponent; e; e >>= 1n, b = (b * b) % n) if (e & 1n) result = (result * b) % n
  return result
}

/** Throws RangeError when there is none. */
export function inverse(value: bigint, n: bigint): bigint {
  let [a, b, x, y] = [modulo(value, n), n, 1n, 0n]
  while (a > 1n && b) {
    const q = a / b
    ;[a, b] = [b, a - q * b]
    ;[x, y] = [y, x - q * y]
  }
  if (a !== 1n) throw new RangeError('no inverse')
  return modulo(x, n)
}
