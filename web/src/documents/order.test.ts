import { expect, test } from 'vitest'
import type { PaperView } from '../contract.gen'
import { fetchOrder } from './order'

function paper(id: number, count: number): PaperView {
  const pages = Array.from({ length: count }, (_, index) => ({ sha256: `${id}.${index + 1}`, width: 1600, height: 2263, size: 84_000 }))
  return { id, item_id: id, position: 0, title: '', number: '', version: 1, state: 'ready', reason: null, page_count: count, pages, size: 1, added_at: '' }
}

const papers = [paper(1, 2), paper(2, 6), paper(3, 3)]
const order = (from: Parameters<typeof fetchOrder>[1]) => fetchOrder(papers, from).map(({ sha256 }) => sha256)

test('first pages, the presenter and the two pages to both sides, the item in hand, the rest; each once', () => {
  expect(order({ reading: null, presenting: { paper_id: 2, page: 4 }, inHand: [papers[2]!] })).toEqual([
    '1.1', '2.1', '3.1', '2.4', '2.5', '2.3', '2.6', '2.2', '3.2', '3.3', '1.2',
  ]) // prettier-ignore
})

test('what is before the eyes comes before everything, its neighbours before the item in hand', () => {
  expect(order({ reading: { paper_id: 3, page: 2 }, presenting: null, inHand: [papers[1]!] })).toEqual([
    '3.2', '1.1', '2.1', '3.1', '3.3', '2.2', '2.3', '2.4', '2.5', '2.6', '1.2',
  ]) // prettier-ignore
})

test('a page that is not there is not fetched', () => {
  expect(order({ reading: { paper_id: 9, page: 1 }, presenting: { paper_id: 1, page: 40 }, inHand: [] })).toHaveLength(11)
  expect(fetchOrder([], { reading: null, presenting: null, inHand: [] })).toEqual([])
})
