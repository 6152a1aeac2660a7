/** What the counting board's device does: makes the key, tries the way of a ballot, opens the envelopes. The key is never stored. */
import type { ManifestView } from '../../contract.gen'
import { ask } from '../../http'
import type { Link } from '../../link'
import { Refusal } from '../../refusal'
import { asked, signedTokens } from './ballot.svelte'
import { type Bytes, hex, sha256, unhex } from './bytes'
import { type Count, sortOut } from './count'
import { boardKey, opener, seal } from './envelope'
import { isSignedBy, read } from './manifest'
import { newSeed } from './seed'
import { combine, split } from './shares'

export const SHARE = 33

export interface Ceremony {
  key: string
  shares: [Bytes, Bytes, Bytes]
  /** SHA-256 of each share, by which it is known again. */
  marks: [string, string, string]
}

export async function makeKey(): Promise<Ceremony> {
  const { secret, key } = await boardKey()
  const shares = split(secret)
  for (const [one, other] of [[0, 1], [0, 2], [1, 2]] as const) {
    if (hex(combine(shares[one], shares[other])) !== hex(secret)) throw new Error('shares')
  }
  secret.fill(0)
  const [a, b, c] = await Promise.all(shares.map((share) => sha256(share)))
  return { key, shares, marks: [a!, b!, c!] }
}

/** Whether a share is the one of its number that the board made for this vote. */
export async function belongs(share: Bytes, marks: readonly string[]): Promise<boolean> {
  return marks[(share[0] ?? 0) - 1] === (await sha256(share))
}

/** What a test ballot needs until it is given back. */
export interface Trial {
  seed: string
}

/** The whole way of a ballot, before the opening: issued, sealed, into the Box, opened with the board's key, given back. `keep` remembers what
    a reload must not lose. Throws what goes wrong. */
export async function trial(
  view: ManifestView,
  meetingId: number,
  key: Bytes,
  link: Pick<Link, 'send'>,
  toBox: (hash: string, body: object) => Promise<{ receipt: string }>,
  kept: Trial | null,
  keep: (trial: Trial | null) => void,
): Promise<void> {
  const manifest = await read(view)
  const seed = kept ? unhex(kept.seed) : newSeed()
  keep({ seed: hex(seed) })
  const order = { meeting_id: meetingId, vote_id: view.id }
  const issued = await link.send('secret.receive', { ...order, blinded: await asked(manifest, seed), trial: true })
  const { slot, ballot } = await signedTokens(manifest, seed, issued)
  try {
    const answers = manifest.questions.map(({ options }, n) => (n ? [] : [options[0]!.code]))
    const envelope = await seal(manifest.board.key, manifest.hash, { ...ballot, answers }, manifest.size)
    const body = { slot: slot.token, prefix: slot.prefix, signature: slot.signature, envelope: hex(envelope) }
    const { receipt } = await patiently(() => toBox(manifest.hash, body))
    const signed = await isSignedBy(manifest.box.key, 'receipt', `${manifest.hash} ${await sha256(envelope)}`, receipt)
    const opened = (await (await opener(key, manifest.hash))(envelope)) as { token?: string } | null
    if (!signed || opened?.token !== ballot.token) throw new Refusal('bad_key')
  } finally {
    await link.send('secret.end_trial', { ...order, slot, ballot })
    keep(null)
  }
}

/** The Box hears within a second or two that a test is on. */
async function patiently<R>(doing: () => Promise<R>): Promise<R> {
  for (let left = 20; ; left--) {
    try {
      return await doing()
    } catch (thrown) {
      if (!left || !(thrown instanceof Refusal) || !['not_open', 'not_found', 'offline'].includes(thrown.code)) throw thrown
      await new Promise((done) => setTimeout(done, 500))
    }
  }
}

export async function count(view: ManifestView, meetingId: number, key: Bytes): Promise<Count> {
  const manifest = await read(view)
  const { envelopes, voided } = await ask<{ envelopes: string[]; voided: string[] }>('GET', `/api/secret/${meetingId}/${view.id}/envelopes`)
  const open = await opener(key, manifest.hash)
  const opened: unknown[] = []
  for (const envelope of envelopes) opened.push(await open(unhex(envelope)))
  return sortOut(manifest.issuer.ballot, manifest.questions, opened, new Set(voided))
}

export async function handIn(view: ManifestView, meetingId: number, counted: Count): Promise<void> {
  await ask('POST', `/api/secret/${meetingId}/${view.id}/count`, { op_id: crypto.randomUUID(), order: counted })
}
