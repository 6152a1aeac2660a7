import { afterEach, expect, test } from 'vitest'
import contract from '../contract.gen.ts?raw'
import type { JournalStep } from '../contract.gen'
import { vi } from '../words/vi'
import { setLanguage } from '../words/words.svelte'
import { actorWords, kindWord, KINDS, told } from './journal'

afterEach(() => setLanguage('vi'))

type Told = [name: string, body: Record<string, unknown>]
const step = (command: string, ...events: Told[]): JournalStep => ({
  at: '2026-12-08T02:36:00.000Z', actor: 'person:7', person: 'Đỗ Thị Thùy Linh', command, counts: {},
  events: events.map(([name, body], at) => ({ seq: at + 1, room: 'meeting', name, body, hash: '' })),
}) // prettier-ignore

const UNDO: Told = ['step.changed', { step: { id: 1, command: 'x', label: 'x' } }]
const MEMBERS = { '3': 'Trần Quốc Bảo' }

test.each<[JournalStep, string]>([
  [step('meeting.open', ['meeting.changed', { meeting: { id: 1, title: 'Kỳ họp thứ ba' } }], UNDO), 'Khai mạc Kỳ họp thứ ba'],
  [step('item.start',
    ['item.changed', { item: { number: '4.2', title: 'Báo cáo thẩm tra', state: 'done' } }],
    ['item.changed', { item: { number: '4.3', title: 'Thảo luận', state: 'current' } }], UNDO), 'Bắt đầu mục 4.3 Thảo luận'],
  [step('floor.grant',
    ['request.changed', { request: { member_id: 9, state: 'done' } }],
    ['request.changed', { request: { member_id: 3, state: 'speaking' } }]), 'Mời Trần Quốc Bảo phát biểu'],
  [step('floor.end', ['request.changed', { request: { member_id: 9, state: 'done' } }]), 'Kết thúc phát biểu của một đại biểu'],
  [step('member.mark', UNDO, ['member.changed', { member: { full_name: 'Lê Châu', present: false } }]), 'Ghi Lê Châu vắng mặt'],
  [step('vote.cast',
    ['ballot.recorded', { person_id: 7, ballot: { id: 1, choice: 'against' } }],
    ['vote.changed', { vote: { title: 'Thông qua Nghị quyết' } }]), 'Biểu quyết Thông qua Nghị quyết'],
  [step('point.report', ['point.changed', { point: { name: 'Xã Tân Lập', link: 'lost' } }]), 'Xã Tân Lập mất kết nối'],
  [step('person.set_active', ['person.changed', { person: { full_name: 'Lê Châu', active: false } }]), 'Khóa tài khoản của Lê Châu'],
  [{ ...step('person.import'), counts: { 'person.changed': 1512, 'unit.changed': 12 } }, 'Nhập danh sách: 1.512 người, 12 đơn vị'],
  [step('item.remove', ['item.removed', { id: 4 }]), 'Xóa một mục của chương trình'],
  [step('future.thing'), 'future.thing'],
]  /* prettier-ignore */)('step %#', (one, sentence) => {
  expect(told(one, MEMBERS)).toBe(sentence)
})

test('who acted: a person, or a part of the server', () => {
  expect(actorWords(step('x'))).toBe('Đỗ Thị Thùy Linh')
  expect(actorWords({ ...step('x'), person: '', actor: 'system:clock' })).toBe('Đồng hồ máy chủ')
  expect(actorWords({ ...step('x'), person: '', actor: 'system:other' })).toBe('system:other')
})

test('every kind has a word', () => {
  for (const kind of [...Object.keys(KINDS.house), ...Object.keys(KINDS.meeting)]) expect(kindWord(kind as never)).not.toContain('journal.')
})

test('every command that leaves a trace has a sentence', () => {
  const commands = [...contract.split('export interface Commands')[1]!.split('}\n\n')[0]!.matchAll(/^ {2}"([a-z_.]+)":/gm)].map((found) => found[1]!)
  expect(commands.length).toBeGreaterThan(60)
  const without = commands.filter((command) => !Object.keys(vi.journal).some((word) => word.startsWith(`cmd_${command.replace('.', '_')}`)))
  expect(without).toEqual(['seat.code'])
})
