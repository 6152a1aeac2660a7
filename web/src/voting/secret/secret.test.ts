// @vitest-environment node
import { expect, test } from 'vitest'
import type { Question } from '../../contract.gen'
import { hex, integer, sha256, unhex, utf8 } from './bytes'
import { fits } from './count'
import { boardKey, opener, seal } from './envelope'
import { isSignedBy, deviceKey, shortCode, signWith } from './manifest'
import { draw, newSeed, spell, unspell } from './seed'
import { combine, ORDER, split } from './shares'

const HASH = 'cd'.repeat(32)

test('any two of three shares bring the key back, and one says nothing', async () => {
  const { secret } = await boardKey()
  const shares = split(secret)
  for (const [a, b] of [[0, 1], [0, 2], [1, 2], [2, 0]] as const) expect(hex(combine(shares[a], shares[b]))).toBe(hex(secret))
  // Through one share and any key there is a line: every key is as likely as before.
  const other = split(unhex('00'.repeat(31) + '07'))
  expect(hex(combine(shares[0], other[1]))).not.toBe(hex(secret))
  expect(() => combine(shares[0], shares[0])).toThrow('shares')
  expect(() => combine(shares[0], shares[1].slice(1))).toThrow('shares')
  expect(() => split(new Uint8Array(32))).toThrow('key')
  expect(() => split(unhex(ORDER.toString(16)))).toThrow('key')
})

test('the same key is shared differently each time', () => {
  const key = unhex('11'.repeat(32))
  expect(hex(split(key)[0])).not.toBe(hex(split(key)[0]))
})

test('an envelope opens with the key and the vote it was sealed for, and has one size', async () => {
  const { secret, key } = await boardKey()
  const ballot = { answers: [['for']], token: 'aa' }
  const sealed = await seal(key, HASH, ballot, 512)
  expect(sealed.length).toBe(65 + 512 + 16)
  expect((await seal(key, HASH, { answers: [[]] }, 512)).length).toBe(sealed.length)
  expect(await (await opener(secret, HASH))(sealed)).toEqual(ballot)
  expect(await (await opener(secret, 'ce'.repeat(32)))(sealed)).toBeNull()
  expect(await (await opener((await boardKey()).secret, HASH))(sealed)).toBeNull()
  expect(await (await opener(secret, HASH))(sealed.slice(1))).toBeNull()
  await expect(seal(key, HASH, { long: 'x'.repeat(512) }, 512)).rejects.toThrow('ballot')
})

test('letters bring the bytes back, and a wrong letter is noticed', async () => {
  for (const size of [16, 33]) {
    const bytes = crypto.getRandomValues(new Uint8Array(size))
    const text = await spell(bytes)
    expect(hex((await unspell(` ${text.toLowerCase().replace(/-/g, ' ')}`, size))!)).toBe(hex(bytes))
    const wrong = text.replace(/^./, (letter) => (letter === '2' ? '3' : '2'))
    if (wrong !== text) expect(await unspell(wrong, size)).toBeNull()
    expect(await unspell(text.slice(1), size)).toBeNull()
    expect(await unspell('', size)).toBeNull()
  }
  expect(await spell(new Uint8Array(16))).toMatch(/^([0-9A-Z]{4}-){6,7}[0-9A-Z]{1,4}$/)
})

test('a seed gives the same ballot in the same vote, another in another, and another token for each use', async () => {
  const seed = newSeed()
  const [one, again, elsewhere] = [await draw(seed, HASH), await draw(seed, HASH), await draw(seed, 'ce'.repeat(32))]
  expect(again).toEqual(one)
  const tokens = [one.slot, one.ballot, elsewhere.slot, elsewhere.ballot].map((of) => hex(of.token))
  expect(new Set(tokens).size).toBe(4)
  expect(one.slot.factor.length).toBe(288)
})

test('a signature is for one text and one purpose; a short code has twelve letters', async () => {
  const keys = await deviceKey()
  const key = hex(new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey)))
  const signature = hex(await signWith(keys.privateKey, 'device', 'a'))
  expect(await isSignedBy(key, 'device', 'a', signature)).toBe(true)
  expect(await isSignedBy(key, 'receipt', 'a', signature)).toBe(false)
  expect(await isSignedBy(key, 'device', 'b', signature)).toBe(false)
  // As meetroom/voting/secret/proof.py has it for the same text.
  expect(shortCode(await sha256('a'))).toBe('SABR-24PA-3EYW')
  expect(integer(utf8('A'))).toBe(65n)
})

test('answers are in one spelling', () => {
  const approve = { title: 'q', kind: 'approve', most: 1, options: ['for', 'against', 'abstain'].map((code) => ({ code, title: code })) } as unknown as Question
  const choose = { ...approve, kind: 'choose', most: 2 } as Question
  expect(fits([approve], [['for']])).toBe(true)
  expect(fits([approve, choose], [[], ['for', 'abstain']])).toBe(true)
  for (const wrong of [null, [], [[]], [['for', 'against']], [['for'], []], [['yes']], ['for'], [[['for']]], [{ length: 1 }]]) expect(fits([approve], wrong)).toBe(false)
  for (const wrong of [[['abstain', 'for']], [['for', 'for']], [['for', 'against', 'abstain']]]) expect(fits([choose], wrong)).toBe(false)
})
