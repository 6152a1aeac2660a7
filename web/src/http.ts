import { clock } from './clock.svelte'
import { type Answer, Refusal, resultOf } from './refusal'

/** Ask the server over HTTP, with JSON or a file; the answer has the same shape as over the socket. Throws Refusal: `offline` when the server cannot
    be reached, `internal` when what came back is not an answer. */
export async function ask<R>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<R> {
  const asked = performance.now()
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined || body instanceof Blob ? undefined : { 'Content-Type': 'application/json' },
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    })
  } catch {
    throw new Refusal('offline')
  }
  const told = Date.parse(response.headers.get('Date') ?? '')
  if (told) clock.suggest(told, (performance.now() - asked) / 2)
  const answer = (await response.json().catch(() => null)) as Answer | null
  if (typeof answer?.ok !== 'boolean') throw new Refusal(response.status === 401 ? 'login' : 'internal', response.status)
  return resultOf<R>(answer)
}
