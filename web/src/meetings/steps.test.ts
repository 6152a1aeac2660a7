import { expect, test } from 'vitest'
import type { ItemView, MemberView, StepView, VoteView } from '../contract.gen'
import { nextWords, undoWords } from './steps'

const AT = '2026-12-08T02:34:00.000Z'
const step = (command: string | null, label = '', person_id = 1): StepView => ({ id: 1, command, label, person_id, at: AT })
const members = [{ person_id: 2, full_name: 'Nguyễn Văn Thái' }] as MemberView[]
const quorum = { present: 45, members: 47, needed: 32, met: true }

test.each([
  [step('floor.grant', 'Nguyễn Thị Hồng Hạnh'), 'mời đ/b Hạnh, 09:34'],
  [step('floor.grant', 'Nguyễn Thị Hồng Hạnh', 2), 'mời đ/b Hạnh, Nguyễn Văn Thái, 09:34'],
  [step('item.next', 'Thảo luận'), 'vào mục Thảo luận, 09:34'],
  [step('item.move', 'Chất vấn Giám đốc Sở Nông nghiệp và Môi trường'), 'chuyển chỗ mục Chất vấn Giám đốc Sở Nôn…, 09:34'],
  [step('wall.show'), 'đổi màn hình chung, 09:34'],
  [step(null), ''],
  [undefined, ''],
])('what would be undone: %#', (newest, words) => {
  expect(undoWords(newest, 1, members)).toBe(words)
})

test('the next step says what it will do', () => {
  const item = { id: 7, number: '4.4', title: 'Biểu quyết thông qua' } as ItemView
  const vote = { id: 3, title: 'Thông qua Nghị quyết', cast: 38, electorate: 45 } as VoteView
  expect(nextWords({ do: 'start_item', item }, quorum)).toEqual({ title: '4.4 Biểu quyết thông qua', note: '' })
  expect(nextWords({ do: 'start_item', item: { ...item, number: '', title: 'Giải lao' } }, quorum).title).toBe('Giải lao')
  expect(nextWords({ do: 'open_vote', vote }, quorum).note).toBe('45 đại biểu có mặt')
  expect(nextWords({ do: 'close_vote', vote }, quorum).note).toBe('38 / 45 phiếu')
  expect(nextWords({ do: 'open_meeting' }, quorum).note).toBe('')
  expect(nextWords({ do: 'open_meeting' }, { ...quorum, present: 20, met: false }).note).toBe('có mặt 20, cần 32')
})
