import { expect, test } from 'vitest'
import type { PageView, PaperView } from '../contract.gen'
import { fetchOrder, pageCount, shownVersion, versionAt } from './order'

const page = (sha256: string): PageView => ({ image: { sha256, width: 1600, height: 2263, size: 84_000 } })
const leaves = (id: number, count: number, version = 1) => Array.from({ length: count }, (_, index) => page(`${id}.${index + 1}${version > 1 ? `v${version}` : ''}`))

function paper(id: number, count: number, more: Partial<PaperView> = {}): PaperView {
  return {
    id, item_id: id, position: 0, title: '', number: '', version: 1, state: 'ready', reason: null, page_count: count, ready: count,
    first: count ? leaves(id, 1)[0]!.image : null, manifest: count ? `m${id}` : null, changed_pages: [], previous: [],
    access: { kind: 'all' }, secrecy: 'open', size: 1, added_at: '', ...more,
  } // prettier-ignore
}

const papers = [paper(1, 2), paper(2, 6), paper(3, 3)]
const known = (one: PaperView, version = one.version) => leaves(one.id, pageCount(one, version), version)
const order = (from: Parameters<typeof fetchOrder>[1], of = papers, pagesOf = known) => fetchOrder(of, from, pagesOf).map(({ sha256 }) => sha256)

test('first pages, the presenter and the two pages to both sides, the item in hand, the rest; each once, after its manifest', () => {
  expect(order({ reading: null, presenting: { paper_id: 2, page: 4 }, inHand: [papers[2]!] })).toEqual([
    '1.1', '2.1', '3.1', 'm2', '2.4', '2.5', '2.3', '2.6', '2.2', 'm3', '3.2', '3.3', 'm1', '1.2',
  ]) // prettier-ignore
})

test('what is before the eyes comes before everything, its neighbours before the item in hand', () => {
  expect(order({ reading: { paper_id: 3, page: 2 }, presenting: null, inHand: [papers[1]!] })).toEqual([
    '3.2', '1.1', '2.1', '3.1', 'm3', '3.3', 'm2', '2.2', '2.3', '2.4', '2.5', '2.6', 'm1', '1.2',
  ]) // prettier-ignore
})

test('the words of a paper come after its images', () => {
  const written = (one: PaperView) => known(one).map((leaf, n) => ({ ...leaf, text: { sha256: `w${one.id}.${n + 1}`, size: 2_700 } }))
  expect(order({ reading: null, presenting: null, inHand: [] }, [papers[0]!, papers[2]!], written)).toEqual([
    '1.1', '3.1', 'm1', '1.2', 'w1.1', 'w1.2', 'm3', '3.2', '3.3', 'w3.1', 'w3.2', 'w3.3',
  ]) // prettier-ignore
})

test('a page that is not there is not fetched', () => {
  expect(order({ reading: { paper_id: 9, page: 1 }, presenting: { paper_id: 1, page: 40 }, inHand: [] })).toHaveLength(14)
  expect(fetchOrder([], { reading: null, presenting: null, inHand: [] }, known)).toEqual([])
})

test('while pages are made, only what is in somebody\'s hand needs to know them', () => {
  const rendering = paper(1, 9, { state: 'rendering', ready: 4 })
  const first = () => [page('1.1')]
  expect(order({ reading: null, presenting: null, inHand: [] }, [rendering], first)).toEqual(['1.1'])
  expect(order({ reading: { paper_id: 1, page: 1 }, presenting: null, inHand: [] }, [rendering], first)).toEqual(['1.1', 'm1'])
})

test('until a new version has a page, the one before is what people look at', () => {
  const old = { number: 1, manifest: 'old', page_count: 2, added_at: '', changed_pages: [] }
  const replaced = paper(1, 0, { version: 2, state: 'queued', previous: [old] })
  expect([shownVersion(replaced), pageCount(replaced)]).toEqual([1, 2])
  expect(order({ reading: { paper_id: 1, page: 2 }, presenting: null, inHand: [] }, [replaced])).toEqual(['1.2', 'old', '1.1'])
  expect(shownVersion(paper(1, 3, { version: 2, previous: [old] }))).toBe(2)
  expect([shownVersion(paper(1, 3, { state: 'withdrawn' })), shownVersion(paper(1, 0)), shownVersion(undefined)]).toEqual([0, 0, 0])
})

test('eyes stay on the version they are on while it can be read', () => {
  const old = { number: 1, manifest: 'old', page_count: 2, added_at: '', changed_pages: [] }
  const replaced = paper(1, 3, { version: 2, previous: [old] })
  expect([versionAt(replaced, 1), versionAt(replaced, 2), versionAt(replaced, null), versionAt(replaced, 7)]).toEqual([1, 2, 2, 2])
  expect(versionAt(paper(1, 3, { version: 2, previous: [] }), 1)).toBe(2)
  expect(versionAt(paper(1, 0, { version: 2, state: 'queued', previous: [old] }), 2)).toBe(1)
  expect(versionAt({ ...replaced, state: 'withdrawn' }, 1)).toBe(0)
})
