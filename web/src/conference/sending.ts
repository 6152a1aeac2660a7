/** What of a source is worth sending. */
import type { Layer } from '../contract.gen'

const LAYERS: readonly Layer[] = ['q', 'h', 'f']

/** Whether an encoding is sent when `watched` is the highest layer that anybody looks at (null: nobody does). An encoding without
    a name is the whole of its source. */
export function worthSending(rid: string | undefined, watched: Layer | null): boolean {
  if (watched === null) return false
  const layer = LAYERS.indexOf(rid as Layer)
  return layer <= LAYERS.indexOf(watched)
}
