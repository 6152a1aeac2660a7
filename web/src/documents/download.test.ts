import { expect, test, vi } from 'vitest'
import { download, overSocket } from './download'

const content = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251)
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))

/** A socket that gives pieces, and may break after some. */
function socket(breaksAfter = Infinity) {
  const line = { asked: [] as number[], most: 0, open: 0 }
  const ask = async (_: string, payload: object) => {
    const { offset } = payload as { offset: number }
    line.asked.push(offset)
    line.most = Math.max(line.most, ++line.open)
    await Promise.resolve()
    line.open--
    if (line.asked.length > breaksAfter) throw new Error('offline')
    return { size: content.length, data: base64(content.slice(offset, offset + 32_768)) }
  }
  return { line, ask: ask as <R>(event: string, payload: object) => Promise<R> }
}

test('a blob comes in pieces, at most four under way', async () => {
  const { line, ask } = socket()
  const found = await overSocket('a', undefined, ask)
  expect(new Uint8Array(await found.arrayBuffer())).toEqual(content)
  expect(line.asked).toHaveLength(7)
  expect(line.most).toBeLessThanOrEqual(4)
})

test('what came before the connection was lost is not asked for again', async () => {
  const first = socket(3)
  await expect(overSocket('b', undefined, first.ask)).rejects.toThrow('offline')
  await vi.waitFor(() => expect(first.line.open).toBe(0))
  const second = socket()
  const found = await overSocket('b', undefined, second.ask)
  expect(new Uint8Array(await found.arrayBuffer())).toEqual(content)
  expect(second.line.asked.length).toBeLessThan(7)
  expect(second.line.asked).not.toContain(0)
})

test('what never comes is given up', async () => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => new Promise((_, failed) => signal.addEventListener('abort', () => failed(new Error('aborted')))))
  const ended = vi.fn()
  download('d', 0).catch(ended)
  await vi.advanceTimersByTimeAsync(29_000)
  expect(ended).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(ended).toHaveBeenCalledOnce()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('an empty blob is whole at once', async () => {
  const ask = (async () => ({ size: 0, data: '' })) as <R>() => Promise<R>
  expect((await overSocket('c', undefined, ask)).size).toBe(0)
})
