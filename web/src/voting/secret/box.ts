/** The way to the Box: another process at another port of the same host, without cookies. */
import { ask } from '../../http'
import { type Answer, Refusal, resultOf } from '../../refusal'

let port: Promise<{ port: number }> | null = null

/** Throws Refusal; `offline` when the Box cannot be reached. */
export async function toBox<R>(path: string, body?: object): Promise<R> {
  port ??= ask<{ port: number }>('GET', '/api/box')
  const at = await port.catch((failed: unknown) => {
    port = null
    throw failed
  })
  let answer: Answer
  try {
    const response = await fetch(`https://${location.hostname}:${at.port}/${path}`, {
      // As plain text no browser asks for permission first; the Box reads it as JSON.
      ...(body && { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'text/plain' } }),
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
    })
    answer = (await response.json()) as Answer
  } catch {
    throw new Refusal('offline')
  }
  return resultOf<R>(answer)
}
