/** One's own secret ballots on this device: asked for, cast, brought back, exchanged, and looked for in the result. What is kept does not
    say what was chosen: the seed, the sealed envelope, and a mark by which the tablet knows its own ballot again. */
import { SvelteMap } from 'svelte/reactivity'
import { clock } from '../../clock.svelte'
import type { Blinded, CountedBallot, Issued, ManifestView } from '../../contract.gen'
import type { Link } from '../../link'
import { Refusal } from '../../refusal'
import type { Shelf } from '../../shelf'
import { blind, type Shown, unblind } from './blind'
import { type Bytes, hex, sha256, unhex } from './bytes'
import { seal } from './envelope'
import { type Checked, deviceKey, isSignedBy, read, signWith } from './manifest'
import { draw, newSeed, spell, unspell } from './seed'

export const SEED = 16
/** A ballot waits so long at most before it goes, so that the order in which they come says nothing. */
export const DELAY_MS = 3_000
const AGAIN_MS = 1_000

interface Kept {
  seed: string
  issued?: Issued
  envelope?: string
  /** SHA-256 of the token and what was chosen. */
  mark?: string
  receipt?: string
  /** The seed of the ballot that is asked for instead of this one. */
  next?: string
  /** When it was put into the envelope, milliseconds since 1970 by the server's clock. */
  since?: number
}

/** Where a ballot is: `elsewhere` it was issued to another device; `ready` here, nothing chosen yet. */
export type Standing = 'none' | 'elsewhere' | 'ready' | 'sending' | 'cast' | 'refused'
/** What the published board says about one's own ballot. */
export type Finding = 'found' | 'changed' | 'missing' | 'invalid'

export interface PublishedBoard {
  manifest: string
  envelopes: string[]
  ballots: CountedBallot[]
  invalid: { reason: string; token: string | null }[]
}

type Send = (hash: string, body: object) => Promise<{ receipt: string }>

export class SecretBallots {
  #kept = $state.raw<Record<number, Kept>>({})
  readonly refused = new SvelteMap<number, Refusal>()
  readonly #elsewhere = new SvelteMap<number, true>()
  readonly #asking = new Set<number>()
  readonly #sending = new Map<number, string>()

  constructor(
    private readonly meetingId: number,
    private readonly link: Pick<Link, 'send'>,
    private readonly shelf: Pick<Shelf, 'get' | 'put'>,
    private readonly toBox: Send,
    private readonly delay: () => number = () => Math.random() * DELAY_MS,
  ) {
    this.#kept = (shelf.get() as Record<number, Kept> | null) ?? {}
  }

  standing(voteId: number): Standing {
    const kept = this.#kept[voteId]
    if (this.refused.has(voteId)) return 'refused'
    if (kept?.receipt) return 'cast'
    if (kept?.envelope) return 'sending'
    if (kept?.issued) return 'ready'
    return this.#elsewhere.has(voteId) ? 'elsewhere' : 'none'
  }

  since(voteId: number): number {
    return this.#kept[voteId]?.since ?? 0
  }

  /** Get one's ballot, and send on what a reload interrupted. Again and again is one and the same. */
  async take(view: ManifestView): Promise<void> {
    if (this.#asking.has(view.id) || this.#elsewhere.has(view.id)) return
    this.#asking.add(view.id)
    try {
      if (!this.#kept[view.id]?.issued) await this.#receive(view, this.#seed(view.id))
      const kept = this.#kept[view.id]
      if (kept?.envelope && !kept.receipt) void this.#post(view, kept.envelope, 0)
    } catch (thrown) {
      this.#failed(view.id, thrown)
    } finally {
      this.#asking.delete(view.id)
    }
  }

  /** Go on with the ballot of a spare card, on this device. False: that is no card. */
  async recover(view: ManifestView, code: string): Promise<boolean> {
    const seed = await unspell(code, SEED)
    if (!seed) return false
    await this.#receive(view, seed)
    this.#elsewhere.delete(view.id)
    return true
  }

  /** What the spare card holds. */
  async card(voteId: number): Promise<string> {
    return spell(unhex(this.#kept[voteId]!.seed))
  }

  /** Put into the envelope and on its way; the last one before the closing counts. `hurry`: nothing is waited for. */
  async cast(view: ManifestView, answers: string[][], hurry = false): Promise<void> {
    const { manifest, ballot } = await this.#tokens(view)
    const envelope = hex(await seal(manifest.board.key, manifest.hash, { ...ballot, answers }, manifest.size))
    this.refused.delete(view.id)
    this.#keep(view.id, { ...this.#kept[view.id]!, envelope, mark: await mark(ballot.token, answers), since: clock.read(), receipt: undefined })
    void this.#post(view, envelope, hurry ? 0 : this.delay())
  }

  /** Give the ballot back for a fresh one; what was cast with it does not count. The fresh seed is kept before it is asked for: if the
      answer is lost, the fresh ballot can still be fetched. */
  async exchange(view: ManifestView): Promise<void> {
    const { manifest, slot, ballot } = await this.#tokens(view)
    const seed = unhex(this.#kept[view.id]!.next ?? hex(newSeed()))
    this.#sending.delete(view.id)
    this.#keep(view.id, { ...this.#kept[view.id]!, next: hex(seed) })
    const fresh = await asked(manifest, seed)
    try {
      const issued = await this.link.send('secret.exchange', { meeting_id: this.meetingId, vote_id: view.id, slot, ballot, fresh })
      this.#keep(view.id, { seed: hex(seed), issued })
    } catch (thrown) {
      if (!(thrown instanceof Refusal && ['spoiled', 'not_signed'].includes(thrown.code))) throw thrown
      await this.#receive(view, seed)
    }
    this.refused.delete(view.id)
  }

  /** Look for one's own ballot in what was published. Null when none was cast on this device. */
  async find(view: ManifestView, board: PublishedBoard): Promise<Finding | null> {
    const kept = this.#kept[view.id]
    if (!kept?.envelope || !kept.mark || board.manifest !== view.text) return null
    const { ballot } = await this.#tokens(view)
    if (board.invalid.some((one) => one.token === ballot.token)) return 'invalid'
    const mine = board.ballots.find((one) => one.token === ballot.token)
    if (!mine || !board.envelopes.includes(await sha256(unhex(kept.envelope)))) return 'missing'
    return (await mark(mine.token, mine.answers)) === kept.mark ? 'found' : 'changed'
  }

  #seed(voteId: number): Bytes {
    const kept = this.#kept[voteId]
    if (kept) return unhex(kept.seed)
    const seed = newSeed()
    this.#keep(voteId, { seed: hex(seed) }) // before it is asked for: a reload must ask for the same
    return seed
  }

  async #receive(view: ManifestView, seed: Bytes): Promise<void> {
    const manifest = await read(view)
    const blinded = await asked(manifest, seed)
    const issued = await this.link.send('secret.receive', { meeting_id: this.meetingId, vote_id: view.id, blinded })
    await signedTokens(manifest, seed, issued) // throws when the issuer signed something else
    this.#keep(view.id, { ...(this.#kept[view.id]?.seed === hex(seed) && this.#kept[view.id]), seed: hex(seed), issued })
    this.refused.delete(view.id)
  }

  async #tokens(view: ManifestView): Promise<{ manifest: Checked; slot: Shown; ballot: Shown }> {
    const kept = this.#kept[view.id]
    if (!kept?.issued) throw new Refusal('not_found')
    const manifest = await read(view)
    return { manifest, ...(await signedTokens(manifest, unhex(kept.seed), kept.issued)) }
  }

  /** Until the Box has it: then its receipt is checked and kept. */
  async #post(view: ManifestView, envelope: string, after: number): Promise<void> {
    if (this.#sending.get(view.id) === envelope) return
    this.#sending.set(view.id, envelope)
    await pause(after)
    const { manifest, slot } = await this.#tokens(view)
    const body = { slot: slot.token, prefix: slot.prefix, signature: slot.signature, envelope }
    while (this.#sending.get(view.id) === envelope) {
      try {
        const { receipt } = await this.toBox(manifest.hash, body)
        const text = `${manifest.hash} ${await sha256(unhex(envelope))}`
        if (!(await isSignedBy(manifest.box.key, 'receipt', text, receipt))) throw new Refusal('internal')
        if (this.#sending.get(view.id) === envelope) this.#keep(view.id, { ...this.#kept[view.id]!, receipt })
        break
      } catch (thrown) {
        const again = thrown instanceof Refusal && ['offline', 'not_open', 'rate_limited', 'not_found', 'internal'].includes(thrown.code)
        if (!again) {
          if (this.#sending.get(view.id) === envelope) this.#failed(view.id, thrown)
          break
        }
        await pause(AGAIN_MS)
      }
    }
    if (this.#sending.get(view.id) === envelope) this.#sending.delete(view.id)
  }

  #failed(voteId: number, thrown: unknown): void {
    const refusal = thrown instanceof Refusal ? thrown : new Refusal('internal')
    if (refusal.code === 'already_issued') this.#elsewhere.set(voteId, true)
    else if (refusal.code !== 'offline' && refusal.code !== 'login') this.refused.set(voteId, refusal)
  }

  #keep(voteId: number, kept: Kept): void {
    this.#kept = { ...this.#kept, [voteId]: kept }
    this.shelf.put(this.#kept)
  }
}

/** What the issuer is asked for, signed by a key of this device. */
export async function asked(manifest: Checked, seed: Bytes): Promise<Blinded> {
  const draws = await draw(seed, manifest.hash)
  const [slot, ballot] = await Promise.all([blind(manifest.issuer.slot, draws.slot), blind(manifest.issuer.ballot, draws.ballot)])
  const { privateKey, publicKey } = await deviceKey()
  const device = hex(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)))
  return { slot, ballot, device, device_signature: hex(await signWith(privateKey, 'device', `${manifest.hash} ${slot} ${ballot}`)) }
}

export async function signedTokens(manifest: Checked, seed: Bytes, issued: Issued): Promise<{ slot: Shown; ballot: Shown }> {
  const draws = await draw(seed, manifest.hash)
  const [slot, ballot] = await Promise.all([
    unblind(manifest.issuer.slot, draws.slot, issued.slot),
    unblind(manifest.issuer.ballot, draws.ballot, issued.ballot),
  ])
  return { slot, ballot }
}

function mark(token: string, answers: readonly (readonly string[])[]): Promise<string> {
  return sha256(`${token} ${JSON.stringify(answers)}`)
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
