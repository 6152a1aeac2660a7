// @vitest-environment node
import { expect, test, vi } from 'vitest'
import type { Blinded, ManifestView } from '../../contract.gen'
import { Refusal } from '../../refusal'
import { type PublishedBoard, SecretBallots } from './ballot.svelte'
import { hex, integer, integerBytes, power, sha256, unhex } from './bytes'
import { boardKey, opener } from './envelope'
import { deviceKey, FORMAT, shortCode, signWith } from './manifest'

vi.mock('../../clock.svelte', () => ({ clock: { read: () => 1_000, now: 1_000 } }))

const url = (text: string) => integer(Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0)))
const raw = async (key: CryptoKey) => hex(new Uint8Array(await crypto.subtle.exportKey('raw', key)))

/** The issuer's key for both tokens, a server, a Box and a board. */
async function hall() {
  const pair = await crypto.subtle.generateKey({ name: 'RSA-PSS', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-384' }, true, ['sign', 'verify'])
  const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey)
  const [n, d] = [url(jwk.n!), url(jwk.d!)]
  const [server, box, board] = [await deviceKey(), await deviceKey(), await boardKey()]
  const modulus = n.toString(16)
  const text = JSON.stringify({
    format: FORMAT, vote: 4, size: 2048, issuer: { slot: modulus, ballot: modulus }, board: { key: board.key },
    box: { key: await raw(box.publicKey) }, server: { key: await raw(server.publicKey) },
  }) // prettier-ignore
  const hash = await sha256(text)
  const view = { id: 4, text, signature: hex(await signWith(server.privateKey, 'manifest', text)), code: shortCode(hash) } as ManifestView
  const sign = (blinded: string) => hex(integerBytes(power(BigInt(`0x${blinded}`), d, n), 256))
  const taken = new Map<string, string>()
  let issued: Blinded | null = null
  let lost = false
  const send = async (name: string, order: { blinded?: Blinded; fresh?: Blinded }) => {
    const asked = (order.blinded ?? order.fresh)!
    if (name === 'secret.receive' && issued && issued.slot !== asked.slot) throw new Refusal('already_issued')
    if (name === 'secret.exchange' && lost) throw new Refusal('spoiled')
    issued = asked
    if (name === 'secret.exchange') {
      lost = true
      throw new Refusal('offline') // done, but the answer does not arrive
    }
    return { slot: sign(asked.slot), ballot: sign(asked.ballot) }
  }
  let refuse: string | null = 'not_open'
  const toBox = async (of: string, body: object) => {
    const code = refuse
    refuse = null
    if (code) throw new Refusal(code as never)
    const { slot, envelope } = body as { slot: string; envelope: string }
    taken.set(slot, envelope)
    return { receipt: hex(await signWith(box.privateKey, 'receipt', `${of} ${await sha256(unhex(envelope))}`)) }
  }
  const device = () => {
    const shelf = { kept: null as unknown, get: () => shelf.kept, put: (value: unknown) => void (shelf.kept = structuredClone(value)) }
    return { shelf, ballots: new SecretBallots(1, { send: send as never }, shelf, toBox, () => 0) }
  }
  const open = await opener(board.secret, hash)
  return { view, device, taken, opened: () => Promise.all([...taken.values()].map((one) => open(unhex(one)))), text }
}

test('a ballot from its issue into the box, the last one counts, and it is found again without saying what was chosen', async () => {
  const { view, device, taken, opened, text } = await hall()
  const { shelf, ballots } = device()
  await ballots.take(view)
  await ballots.take(view)
  expect(ballots.standing(4)).toBe('ready')
  await ballots.cast(view, [['for']], true)
  expect(ballots.standing(4)).toBe('sending')
  await vi.waitFor(() => expect(ballots.standing(4)).toBe('cast'), 5_000) // the Box was not open at first
  await ballots.cast(view, [['against']], true)
  await vi.waitFor(() => expect(ballots.standing(4)).toBe('cast'))
  expect(taken.size).toBe(1)
  const [ballot] = (await opened()) as [{ token: string; answers: string[][] }]
  expect(ballot.answers).toEqual([['against']])
  expect(JSON.stringify(shelf.kept)).not.toMatch(/against|answers/)

  const envelopes = [await sha256(unhex([...taken.values()][0]!))]
  const board = { manifest: text, envelopes, ballots: [ballot], invalid: [] } as unknown as PublishedBoard
  expect(await ballots.find(view, board)).toBe('found')
  expect(await ballots.find(view, { ...board, ballots: [{ ...board.ballots[0]!, answers: [['for']] }] })).toBe('changed')
  expect(await ballots.find(view, { ...board, ballots: [] })).toBe('missing')
  expect(await ballots.find(view, { ...board, envelopes: [] })).toBe('missing')
  expect(await ballots.find(view, { ...board, ballots: [], invalid: [{ reason: 'answers', token: ballot.token }] })).toBe('invalid')
})

test('a spare card brings the same ballot to another device, and nothing else does', async () => {
  const { view, device, taken } = await hall()
  const first = device()
  await first.ballots.take(view)
  const card = await first.ballots.card(4)
  const other = device()
  await other.ballots.take(view)
  expect(other.ballots.standing(4)).toBe('elsewhere')
  expect(await other.ballots.recover(view, card.replace(/^./, (letter) => (letter === '3' ? '4' : '3')))).toBe(false)
  expect(await other.ballots.recover(view, card)).toBe(true)
  await other.ballots.cast(view, [['for']], true)
  await vi.waitFor(() => expect(other.ballots.standing(4)).toBe('cast'), 5_000)
  await first.ballots.cast(view, [['abstain']], true)
  await vi.waitFor(() => expect(first.ballots.standing(4)).toBe('cast'))
  expect(taken.size).toBe(1) // one slot, whichever device
})

test('an exchange whose answer is lost still ends with the fresh ballot', async () => {
  const { view, device } = await hall()
  const { ballots } = device()
  await ballots.take(view)
  const before = await ballots.card(4)
  await expect(ballots.exchange(view)).rejects.toThrow()
  expect(await ballots.card(4)).toBe(before)
  await ballots.exchange(view)
  expect(ballots.standing(4)).toBe('ready')
  expect(await ballots.card(4)).not.toBe(before)
})

test('a manifest that was not signed so is not believed', async () => {
  const { view, device } = await hall()
  const { ballots } = device()
  await ballots.take({ ...view, text: view.text.replace('"size":2048', '"size":4096') })
  expect(ballots.standing(4)).toBe('refused')
})
