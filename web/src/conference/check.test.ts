import { expect, test } from 'vitest'
import { downFinding, enough, type Findings, linkVerdict, rate, stabilityFinding, verdict } from './check'

const fine: Findings = { camera: 'good', mic: 'good', echo: 'ask', speaker: 'ask', up: 'good', down: 'good', stability: 'good', papers: 'good' }

test('what a rate is enough for', () => {
  expect([1300, 899, 399, 149, 49].map(enough)).toEqual(['full', 'medium', 'small', 'voice', 'nothing'])
  expect(rate(1_000, 81_000, 1_000)).toBe(640)
  expect(rate(5, 0, 1_000)).toBe(0)
})

test.each([
  [0, 20, 'good'],
  [2.1, 86, 'warn'],
  [0, 400, 'warn'],
  [20, 86, 'bad'],
] as const)('%d %% lost and %d ms: %s', (loss, rtt, finding) => {
  expect(stabilityFinding({ up: 900, down: 900, loss, rtt })).toBe(finding)
})

test('the verdict', () => {
  expect(verdict(fine)).toBe('ready')
  expect(verdict({ ...fine, up: 'waiting' })).toBe('waiting')
  expect(verdict({ ...fine, up: 'warn' })).toBe('fair')
  expect(verdict({ ...fine, camera: 'bad' })).toBe('fair')
  expect(verdict({ ...fine, mic: 'bad', up: 'waiting' })).toBe('not')
  expect(verdict({ ...fine, stability: 'bad' })).toBe('not')
})

test.each([
  [{ up: 1300, down: 900, loss: 0.5, rtt: 40 }, 'good', null],
  [{ up: 320, down: 300, loss: 0, rtt: 40 }, 'one', 'up'],
  [{ up: 1300, down: 200, loss: 0, rtt: 40 }, 'one', 'down'],
  [{ up: 1300, down: 900, loss: 9, rtt: 40 }, 'voice', 'loss'],
  [{ up: 1300, down: 900, loss: 0, rtt: 600 }, 'one', 'delay'],
  [{ up: 60, down: 60, loss: 4, rtt: 600 }, 'voice', 'up'],
  [{ up: 10, down: 900, loss: 9, rtt: 40 }, 'not', 'up'],
] as const)('%j is %s because of %s', (measured, verdict, reason) => {
  expect(linkVerdict(measured)).toEqual({ verdict, reason })
})

test('receiving is weak only where less comes back than was sent', () => {
  const rest = { loss: 0, rtt: 20 }
  expect(downFinding({ up: 1300, down: 880, ...rest })).toBe('good')
  expect(downFinding({ up: 1900, down: 780, ...rest })).toBe('good')
  expect(downFinding({ up: 300, down: 180, ...rest })).toBe('good')
  expect(downFinding({ up: 1300, down: 200, ...rest })).toBe('warn')
  expect(downFinding({ up: 1300, down: 20, ...rest })).toBe('bad')
})
