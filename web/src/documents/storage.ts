/** The one place of blobs on this tablet: page images, text layers and manifests, named by the SHA-256 of their content. */
import { Refusal } from '../refusal'

/** Most urgent first: before the eyes, the first page of a paper, what may be turned to next, the item in hand, the rest. */
export type Priority = 0 | 1 | 2 | 3 | 4

/** A blob, whole and as its name says. Rejects with a Refusal when the server does not give it (any more), with an Error when it
    could not be reached or what came was damaged. */
export async function blob(sha256: string, _priority: Priority = 0, signal?: AbortSignal): Promise<Blob> {
  const response = await fetch(`/b/${sha256}`, { signal })
  if (response.status === 404) throw new Refusal('not_found')
  if (!response.ok) throw new Error(`blob: ${response.status}`)
  const found = await response.blob()
  if ((await digest(found)) !== sha256) throw new Error('blob: damaged on the way')
  return found
}

async function digest(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await content.arrayBuffer()))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
