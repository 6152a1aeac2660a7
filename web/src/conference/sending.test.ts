import { expect, test } from 'vitest'
import type { Layer } from '../contract.gen'
import { worthSending } from './sending'

const RIDS = ['f', 'h', 'q', undefined]

test.each([
  ['f', [true, true, true, true]],
  ['h', [false, true, true, true]],
  ['q', [false, false, true, true]],
  [null, [false, false, false, false]],
] as [Layer | null, boolean[]][])('watched up to %s: of f, h, q and a source without layers %j are sent', (watched, sent) => {
  expect(RIDS.map((rid) => worthSending(rid, watched))).toEqual(sent)
})
