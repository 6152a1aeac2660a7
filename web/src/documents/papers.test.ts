import { expect, test } from 'vitest'
import { branch, rowsOf } from '../agenda/tree'
import type { ItemView, PaperView } from '../contract.gen'
import { papersOf } from './papers'

const item = (id: number, parent_id: number | null, position: number) => ({ id, parent_id, position, kind: 'speech' }) as ItemView
const paper = (id: number, item_id: number, position: number) => ({ id, item_id, position }) as PaperView

test('papers come as the agenda calls them', () => {
  const rows = rowsOf([item(3, null, 1), item(4, null, 0), item(6, 4, 0)])
  const papers = [paper(1, 3, 0), paper(2, 4, 1), paper(3, 4, 0), paper(4, 6, 0), paper(5, 99, 0)]
  const ids = (of: PaperView[]) => of.map(({ id }) => id)
  expect(ids(papersOf(rows, papers))).toEqual([3, 2, 4, 1])
  expect(ids(papersOf(branch(rows, 6), papers))).toEqual([4])
})
