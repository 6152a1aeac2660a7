import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Ink, KeptMark, Mark } from '../contract.gen'
import { Refusal } from '../refusal'
import { Book, type InkServer } from './book.svelte'
import { InkDisk, wipeInk } from './disk'
import { encode } from './coding'

const IMAGE = 'a'.repeat(64)
let meeting = 0

/** The server's part, as meetroom/ink/service.py does it. */
class Server implements InkServer {
  online = true
  revision = 0
  readonly marks = new Map<string, KeptMark>()
  readonly asked: number[] = []
  refuse: (mark: Mark) => string | null = () => null

  async write({ marks, erased }: { marks: Mark[]; erased: string[] }): Promise<{ revision: number }> {
    await Promise.resolve()
    if (!this.online) throw new Refusal('offline')
    for (const mark of marks) {
      const code = this.refuse(mark)
      if (code) throw new Refusal(code)
    }
    this.asked.push(marks.length + erased.length)
    for (const mark of marks) this.marks.set(mark.key, { ...mark, at: '2026-12-08T02:00:00Z', revision: ++this.revision, erased: false })
    for (const key of erased) {
      const mark = this.marks.get(key)
      if (mark) this.marks.set(key, { ...mark, points: '', text: '', revision: ++this.revision, erased: true })
    }
    return { revision: this.revision }
  }

  async since(revision: number): Promise<Ink> {
    await Promise.resolve()
    if (!this.online) throw new Error('no network')
    const found = [...this.marks.values()].filter((mark) => mark.revision > revision).sort((a, b) => a.revision - b.revision)
    return { marks: found.slice(0, 3), revision: found.length > 3 ? found[2]!.revision : this.revision, more: found.length > 3 }
  }

  get live(): string[] {
    return [...this.marks.values()].filter(({ erased }) => !erased).map(({ key }) => key)
  }
}

function stroke(key: string, changes: Partial<Mark> = {}): Mark {
  const points = encode([[100, 100, 128], [200, 200, 128]]) // prettier-ignore
  return { key, kind: 'pen', paper_id: 1, image: IMAGE, page: 1, colour: 'blue', width: 30, points, x: 0, y: 0, text: '', shared: false, ...changes }
}

const note = (key: string, text: string, changes: Partial<Mark> = {}) => stroke(key, { kind: 'note', points: '', text, x: 500, y: 500, ...changes })
const keys = (book: Book) => book.on(IMAGE).map(({ key }) => key)

async function tablet(server: Server, refused = vi.fn()): Promise<Book> {
  const book = new Book(server, new InkDisk(7, meeting), refused)
  await book.load()
  return book
}

/** The other tablet has its own disk. */
async function other(server: Server): Promise<Book> {
  const book = new Book(server, { load: async () => ({ marks: [], revision: 0 }), keep: async () => undefined })
  await book.load()
  return book
}

beforeEach(() => {
  meeting++
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => vi.useRealTimers())

test('what is drawn is there at once, on the disk, and soon with the server, gathered', async () => {
  const server = new Server()
  const book = await tablet(server)
  book.write(IMAGE, [stroke('one')])
  book.write(IMAGE, [stroke('two')])
  expect(keys(book)).toEqual(['one', 'two'])
  expect(book.waiting).toBe(2)
  await vi.advanceTimersByTimeAsync(1000)
  await vi.waitFor(() => expect(book.waiting).toBe(0))
  expect(server.asked).toEqual([2])
  expect(book.stored(book.find('one')!)).toBe('stored')
})

test('without a network it waits, over a reload, and arrives once', async () => {
  const server = new Server()
  server.online = false
  const book = await tablet(server)
  book.write(IMAGE, [stroke('one')])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(book.waiting).toBe(1)
  book.close()

  const again = await tablet(server)
  expect(keys(again)).toEqual(['one'])
  server.online = true
  await vi.advanceTimersByTimeAsync(5_000)
  await vi.waitFor(() => expect(again.waiting).toBe(0))
  expect(server.live).toEqual(['one'])
  again.close()
  const third = await tablet(server)
  await vi.advanceTimersByTimeAsync(5_000)
  expect([keys(third), server.asked.length]).toEqual([['one'], 1])
})

test('undo and redo, page by page; a new stroke ends what could be redone', async () => {
  const book = await tablet(new Server())
  book.write(IMAGE, [stroke('one')])
  book.write(IMAGE, [stroke('half-1'), stroke('half-2')], ['one'])
  expect(keys(book)).toEqual(['half-1', 'half-2'])
  book.undo(IMAGE)
  expect(keys(book)).toEqual(['one'])
  book.undo(IMAGE)
  expect([keys(book), book.canUndo(IMAGE), book.canRedo(IMAGE)]).toEqual([[], false, true])
  book.redo(IMAGE)
  book.redo(IMAGE)
  expect(keys(book)).toEqual(['half-1', 'half-2'])
  book.undo(IMAGE)
  book.write(IMAGE, [stroke('two')])
  expect(book.canRedo(IMAGE)).toBe(false)
  expect(book.canUndo('b'.repeat(64))).toBe(false)
})

test('what was undone is erased with the server, too', async () => {
  const server = new Server()
  const book = await tablet(server)
  book.write(IMAGE, [stroke('one')])
  await book.flush()
  book.undo(IMAGE)
  await book.flush()
  expect(server.live).toEqual([])
  book.redo(IMAGE)
  await book.flush()
  expect(server.live).toEqual(['one'])
})

test('two tablets of one person come to the same, whoever was away', async () => {
  const server = new Server()
  const here = await tablet(server)
  const there = await other(server)
  here.write(IMAGE, [stroke('one'), note('words', 'một')])
  await here.flush()
  there.heard(server.revision)
  await vi.waitFor(() => expect(keys(there)).toEqual(['one', 'words']))

  server.online = false
  here.write(IMAGE, [note('words', 'ở đây')])
  server.online = true
  there.write(IMAGE, [note('words', 'ở kia'), stroke('two')], ['one'])
  await there.flush()
  here.heard(server.revision)
  await here.flush()
  await vi.waitFor(() => expect(keys(here).sort()).toEqual(['two', 'words']))
  there.heard(server.revision)
  await vi.waitFor(() => expect(there.find('words')!.text).toBe('ở đây'))
  expect(here.find('words')!.text).toBe('ở đây')
})

test('a change while another is on its way is not lost', async () => {
  const server = new Server()
  const book = await tablet(server)
  book.write(IMAGE, [note('words', 'một')])
  const going = book.flush()
  book.write(IMAGE, [note('words', 'hai')])
  await going
  await vi.waitFor(() => expect(book.waiting).toBe(0))
  expect(server.marks.get('words')!.text).toBe('hai')
})

test('a paper that may no longer be read holds up nobody else’s ink', async () => {
  const server = new Server()
  server.refuse = ({ paper_id }) => (paper_id === 2 ? 'not_found' : null)
  const refused = vi.fn()
  const book = await tablet(server, refused)
  book.write('b'.repeat(64), [stroke('gone', { paper_id: 2, image: 'b'.repeat(64) })])
  book.write(IMAGE, [stroke('one')])
  await book.flush()
  expect(server.live).toEqual(['one'])
  expect(book.stored(book.find('gone')!)).toBe('refused')
  expect(refused).toHaveBeenCalledOnce()
})

test('one bad mark among many is found, and a note that cannot be shared stays one’s own', async () => {
  const server = new Server()
  server.refuse = ({ key, shared }) => (shared ? 'wrong_state' : key === 'bad' ? 'invalid' : null)
  const book = await tablet(server)
  book.write(IMAGE, [stroke('one'), stroke('bad'), note('words', 'cho mọi người', { shared: true })])
  await book.flush()
  await vi.waitFor(() => expect(book.waiting).toBe(0))
  expect(server.live.sort()).toEqual(['one', 'words'])
  expect(book.find('words')!.shared).toBe(false)
})

test('a long absence is sent in pieces that a command can carry', async () => {
  const server = new Server()
  const book = await tablet(server)
  for (let n = 0; n < 150; n++) book.write(IMAGE, [stroke(`s${n}`)])
  await book.flush()
  expect(server.live).toHaveLength(150)
  expect(Math.max(...server.asked)).toBeLessThanOrEqual(64)
})

test('a shared tablet that is given back keeps nothing', async () => {
  const server = new Server()
  server.online = false
  const book = await tablet(server)
  book.write(IMAGE, [stroke('one')])
  book.close()
  await wipeInk(7)
  expect(keys(await tablet(server))).toEqual([])
})

test('a browser without a disk for us draws all the same', async () => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  const broken = new Book(new Server(), { load: () => Promise.reject(new Error()), keep: () => Promise.reject(new Error()) })
  await broken.load()
  broken.write(IMAGE, [stroke('one')])
  await broken.flush()
  expect([keys(broken), broken.waiting]).toEqual([['one'], 0])
})
