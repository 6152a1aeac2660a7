import { expect, test, vi } from 'vitest'
import type { FoundPages, PageView, PaperView, TextLayer } from '../contract.gen'
import { Refusal } from '../refusal'
import { folded } from './find'
import { type Searched, Seeking } from './seeking.svelte'

const page = (text: string | null) => ({ text: text === null ? null : { sha256: text, size: 1 } }) as PageView
const paper = (id: number, ...texts: (string | null)[]): Searched => ({ paper: { id } as PaperView, leaves: texts.map(page) })
/** The words of a page are its text's name, on one line. */
const layer = (text: string): TextLayer => ({
  lines: [{ box: [0, 500, 9_000, 650], block: 0, size: 100, words: text.split(' ').map((word, n) => [n * 100, n * 100 + 90, word]) }],
})
const read: string[] = []
const texts = {
  async folded(sha256: string) {
    read.push(sha256)
    if (sha256 === 'missing') throw new Error('not here')
    return folded(layer(sha256))
  },
}
const open = paper(5, 'kế hoạch đầu tư', null, 'vốn đầu tư và đầu tư công')
const other = paper(6, 'missing', 'báo cáo đầu tư')
const all = [open, other]
const offline = () => Promise.reject(new Refusal('offline'))

async function search(query: string, { where = 'paper', server = offline }: { where?: 'paper' | 'meeting'; server?: () => Promise<FoundPages> } = {}) {
  const seeking = new Seeking(1, texts, () => ({ all, open }), server)
  seeking.query = query
  seeking.where = where
  await seeking.search()
  return seeking
}

test('in the paper at hand: every place, in the order of the pages', async () => {
  const seeking = await search('dau tu')
  expect(seeking.hits.map((hit) => [hit.page, hit.number, hit.before, hit.words, hit.after])).toEqual([
    [1, 0, 'kế hoạch', 'đầu tư', ''],
    [3, 0, 'vốn', 'đầu tư', 'và đầu tư công'],
    [3, 1, 'vốn đầu tư và', 'đầu tư', 'công'],
  ])
  expect(seeking.marks(5, 3)).toHaveLength(2)
  expect(seeking.marks(6, 2)).toEqual([])
  expect([seeking.searching, seeking.more, seeking.offline]).toEqual([false, false, false])
  expect(await seeking.topOf(seeking.hits[2]!, open.leaves[2])).toBe(500)
  seeking.end()
  expect([seeking.hits, seeking.marks(5, 3)]).toEqual([[], []])
})

test('in the whole meeting the server is asked', async () => {
  const pages = [{ paper_id: 6, page: 2, snippets: [{ before: 'báo cáo', words: 'đầu tư', after: '' }] }]
  const seeking = await search('đầu tư', { where: 'meeting', server: () => Promise.resolve({ pages, more: true }) })
  expect(seeking.hits).toEqual([{ paperId: 6, page: 2, number: 0, before: 'báo cáo', words: 'đầu tư', after: '' }])
  expect([seeking.more, seeking.offline]).toEqual([true, false])
  expect(seeking.marks(6, 2)).toEqual([])
  await seeking.mark(6, 2, other.leaves[1])
  expect(seeking.marks(6, 2)).toHaveLength(1)
})

test('without the server, what is on this device, and it says so', async () => {
  const seeking = await search('dau tu', { where: 'meeting' })
  expect(seeking.hits.map((hit) => [hit.paperId, hit.page])).toEqual([[5, 1], [5, 3], [5, 3], [6, 2]]) // prettier-ignore
  expect(seeking.offline).toBe(true)
})

test('too few letters find nothing and read nothing', async () => {
  read.length = 0
  const seeking = await search('đ')
  expect([seeking.hits, read]).toEqual([[], []])
})

test('an answer to earlier words that comes late is put aside', async () => {
  let answer: (found: FoundPages) => void = () => undefined
  const server = vi.fn(() => new Promise<FoundPages>((done) => (answer = done)))
  const seeking = new Seeking(1, texts, () => ({ all, open }), server)
  seeking.query = 'kế hoạch'
  seeking.where = 'meeting'
  const first = seeking.search()
  seeking.where = 'paper'
  seeking.query = 'vốn'
  await seeking.search()
  answer({ pages: [{ paper_id: 6, page: 1, snippets: [{ before: '', words: 'kế hoạch', after: '' }] }], more: false })
  await first
  expect(seeking.hits.map((hit) => hit.words)).toEqual(['vốn'])
})
