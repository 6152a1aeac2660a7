// @vitest-environment node
import { RSABSSA } from '@cloudflare/blindrsa-ts'
import { expect, test } from 'vitest'
import vector from '../../../../tests/voting/secret/rfc9474.json'
import { blind, encode, isSigned, unblind } from './blind'
import { hex, integer, integerBytes, inverse, modulo, power, unhex } from './bytes'
import { draw, newSeed } from './seed'

const big = (name: keyof typeof vector) => BigInt(`0x${vector[name]}`)

test('the vector of RFC 9474, A.3, step by step', async () => {
  const n = big('n')
  expect(await encode(unhex(vector.msg), 4096, unhex(vector.salt))).toBe(big('encoded_msg'))
  const factor = integerBytes(inverse(big('inv'), n), 512)
  const of = { token: unhex(vector.msg), prefix: new Uint8Array(), salt: unhex(vector.salt), factor }
  expect(await blind(vector.n, of)).toBe(vector.blinded_msg)
  expect(power(big('blinded_msg'), big('d'), n)).toBe(big('blind_sig'))
  expect(modulo(big('blind_sig') * big('inv'), n)).toBe(big('sig'))
})

test('what another implementation signs unseen is an ordinary signature, and only of that', async () => {
  const suite = RSABSSA.SHA384.PSS.Randomized()
  const keys = await suite.generateKey({ modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) })
  const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey)
  const modulus = hex(Uint8Array.from(atob(jwk.n!.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0)))
  const { slot } = await draw(newSeed(), 'ab'.repeat(32))
  const signed = hex(await suite.blindSign(keys.privateKey, unhex(await blind(modulus, slot))))
  const shown = await unblind(modulus, slot, signed)
  expect(await suite.verify(keys.publicKey, unhex(shown.signature), unhex(shown.prefix + shown.token))).toBe(true)
  expect(await isSigned(modulus, { ...shown, token: shown.prefix })).toBe(false)
  expect(await isSigned(modulus, { ...shown, prefix: shown.prefix + '00' })).toBe(false)
  await expect(unblind(modulus, slot, signed.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')))).rejects.toThrow('signature')
  await expect(unblind(modulus, { ...slot, factor: slot.salt }, signed)).rejects.toThrow('signature')
})

test('integers and bytes', () => {
  expect(integer(Uint8Array.of(1, 0))).toBe(256n)
  expect(hex(integerBytes(255n, 3))).toBe('0000ff')
  expect(modulo(inverse(7n, 31n) * 7n, 31n)).toBe(1n)
  expect(() => inverse(6n, 9n)).toThrow('no inverse')
  expect(() => unhex('0g')).toThrow('hex')
})
