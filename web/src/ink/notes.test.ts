import { expect, test } from 'vitest'
import type { MarkView, MemberView } from '../contract.gen'
import type { LocalMark } from './disk'
import { byPaper, byPlace, notesOf, stacked } from './notes'

const me = { id: 7, full_name: 'Lê Thị Minh Châu' } as MemberView
const chair = { id: 2, full_name: 'Nguyễn Văn Thái' } as MemberView
const members = new Map([[7, me], [2, chair]]) // prettier-ignore

const own = (key: string, changes: Partial<LocalMark> = {}): LocalMark => ({
  key, kind: 'note', paper_id: 1, image: 'a', page: 1, colour: 'blue', width: 0, points: '', x: 5000, y: 5000, text: key, shared: false,
  erased: false, dirty: false, at: 0, ...changes,
}) // prettier-ignore
const shared = (id: number, changes: Partial<MarkView> = {}): MarkView => ({
  id, kind: 'note', paper_id: 1, image: 'a', page: 1, x: 100, y: 100, text: `s${id}`, member_id: 2, at: '2026-12-08T02:00:00Z', withdrawn_at: null, ...changes,
}) // prettier-ignore

test('one’s own and what is shared, one’s own shared ones once, strokes not at all', () => {
  const notes = notesOf([own('one'), own('two', { shared: true }), own('line', { kind: 'pen' })], [shared(1), shared(2, { member_id: 7 })], members, me)
  expect(notes.map(({ id, mine, by }) => [id, mine, by?.full_name])).toEqual([
    ['one', true, 'Lê Thị Minh Châu'],
    ['two', true, 'Lê Thị Minh Châu'],
    ['1', false, 'Nguyễn Văn Thái'],
  ])
})

test('an instruction of one’s own is what the server has of it', () => {
  const [given] = notesOf([], [shared(3, { kind: 'instruction', member_id: 7, withdrawn_at: '2026-12-08T03:00:00Z' })], members, me)
  expect(given).toMatchObject({ kind: 'instruction', mine: true, number: 3, withdrawnAt: Date.parse('2026-12-08T03:00:00Z') })
})

test('on a page from the top, in the meeting by the papers', () => {
  const notes = notesOf([own('low', { y: 9000 }), own('high', { y: 100, page: 2 }), own('first', { paper_id: 5 }), own('gone', { paper_id: 9 })], [], members, me)
  expect(byPlace(notes).map(({ id }) => id)).toEqual(['high', 'first', 'gone', 'low'])
  expect(byPaper(notes, [{ id: 5 }, { id: 1 }]).map(({ id }) => id)).toEqual(['first', 'low', 'high'])
})

test.each([
  ['apart', [0, 200], [50, 50], [0, 200]],
  ['too near', [100, 110], [50, 50], [100, 158]],
  ['below the page', [560, 570], [50, 50], [492, 550]],
  ['more than there is room for', [0, 0, 0], [300, 300, 300], [0, 0, 300]],
])('notes beside a page: %s', (_, wanted, heights, tops) => expect(stacked(wanted, heights, 8, 600)).toEqual(tops))
