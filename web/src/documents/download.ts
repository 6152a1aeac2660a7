/** A blob from the server: over HTTP, and where that does not pass, in pieces over the socket. */
import type { AskChunk, Chunk, FetchTurn } from '../contract.gen'
import { link } from '../link'
import { Refusal } from '../refusal'
import type { Priority } from './storage'

/** Bytes of a piece, and how many are under way at once. */
const PIECE = 32_768
const WINDOW = 4
/** What has not come by then never will: it is asked for again. */
const PATIENCE_MS = 30_000
/** After HTTP has failed, for so long the socket is taken at once. */
const DETOUR_MS = 60_000

type Ask = <R>(event: string, payload: object) => Promise<R>

/** What may have come of a blob before the connection was lost. */
const partial = new Map<string, { size: number; pieces: Map<number, Uint8Array<ArrayBuffer>> }>()
let detourUntil = 0
let turnUntil = 0

/** Nobody waits for it: it is fetched when the server says that it is this tablet's turn. */
export function inTurn(priority: Priority): boolean {
  return priority > 2
}

export async function download(sha256: string, priority: Priority, signal?: AbortSignal): Promise<Blob> {
  if (inTurn(priority)) await turn(signal)
  signal?.throwIfAborted()
  const giveUp = new AbortController()
  const stop = () => giveUp.abort()
  const patience = setTimeout(stop, PATIENCE_MS)
  signal?.addEventListener('abort', stop)
  try {
    const found = performance.now() < detourUntil ? await overSocket(sha256, giveUp.signal) : await overHttp(sha256, giveUp.signal)
    if ((await digest(found)) !== sha256) throw new Error('blob: damaged on the way')
    return found
  } finally {
    clearTimeout(patience)
    signal?.removeEventListener('abort', stop)
  }
}

async function overHttp(sha256: string, signal: AbortSignal): Promise<Blob> {
  try {
    const response = await fetch(`/b/${sha256}`, { signal })
    if (response.status === 404) throw new Refusal('not_found')
    if (response.status === 401) throw new Error('signed out')
    if (response.ok) return await response.blob()
  } catch (thrown) {
    if (thrown instanceof Refusal || signal.aborted) throw thrown
  }
  // The socket lives, only the way of the bytes is closed: a filter between us, or a line that cuts long answers.
  if (link.state === 'lost' || link.state === 'connecting') throw new Error('blob: no network')
  const found = await overSocket(sha256, signal)
  detourUntil = performance.now() + DETOUR_MS
  return found
}

/** In pieces, each acknowledged, at most WINDOW at once. What has come stays until the blob is whole, whatever happens meanwhile. */
export async function overSocket(sha256: string, signal?: AbortSignal, ask: Ask = (event, payload) => link.request(event, payload)): Promise<Blob> {
  const take = async (offset: number) => {
    const order: AskChunk = { sha256, offset }
    const { size, data } = await ask<Chunk>('papers.chunk', order)
    const held = partial.get(sha256) ?? { size, pieces: new Map() }
    partial.set(sha256, held)
    held.pieces.set(offset, Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)))
  }
  if (!partial.has(sha256)) await take(0)
  const { size, pieces } = partial.get(sha256)!
  const missing = Array.from({ length: Math.ceil(size / PIECE) }, (_, index) => index * PIECE).filter((offset) => !pieces.has(offset))
  const worker = async () => {
    for (let offset = missing.shift(); offset !== undefined; offset = missing.shift()) {
      signal?.throwIfAborted()
      await take(offset)
    }
  }
  await Promise.all(Array.from({ length: WINDOW }, worker))
  partial.delete(sha256)
  return new Blob([...pieces].sort(([a], [b]) => a - b).map(([, bytes]) => bytes))
}

/** Wait until the server says that it is this tablet's turn to fetch what nobody waits for, so that two hundred of them do not fill one
    access point at once. Without an answer it goes on: an older server has no turns. */
async function turn(signal?: AbortSignal): Promise<void> {
  while (performance.now() >= turnUntil && link.state !== 'lost') {
    const given = await link.request<FetchTurn>('papers.turn', {}).catch(() => null)
    if (!given) return
    if (given.granted) turnUntil = performance.now() + given.seconds * 1000
    else await new Promise((done) => setTimeout(done, given.seconds * 1000 * (0.75 + Math.random() / 2)))
    signal?.throwIfAborted()
  }
}

export async function digest(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await content.arrayBuffer()))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
