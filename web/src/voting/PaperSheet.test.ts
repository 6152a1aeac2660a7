import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { MemberView, VoteView } from '../contract.gen'
import { link } from '../link'
import { sitting } from '../state.svelte'
import PaperSheet from './PaperSheet.svelte'

const options = ['for', 'against', 'abstain'].map((code) => ({ code, title: code, member_id: null }))
const vote = { id: 4, title: 'Thông qua', questions: [{ title: 'Thông qua', kind: 'approve', most: 1, member_id: null, options }] } as unknown as VoteView
const members = [{ id: 7, full_name: 'Trần Quốc Bảo' }, { id: 8, full_name: 'Lê Thị Minh Châu' }] as MemberView[] // prettier-ignore
const send = vi.spyOn(link, 'send').mockResolvedValue(undefined as never)
let sheet: Record<string, unknown> | undefined

beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true
  }
  HTMLDialogElement.prototype.close = function () {
    this.open = false
  }
})
afterEach(() => {
  if (sheet) void unmount(sheet)
  send.mockClear()
})

function show(hand = false): void {
  sitting.id = 1
  sheet = mount(PaperSheet, { target: document.body, props: { vote, members, hand, onclose: () => undefined } })
  flushSync()
}
function write(label: string, value: string): void {
  const found = [...document.querySelectorAll('label')].find((one) => one.textContent?.trim() === label)!
  const field = document.getElementById(found.htmlFor) as HTMLInputElement
  field.value = value
  field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }))
  flushSync()
}
function press(text: string): void {
  const found = [...document.querySelectorAll<HTMLElement>('button, label')].find((one) => one.textContent?.trim() === text)!
  found.click()
  flushSync()
}
const witness = () => ['Một', 'Hai'].forEach((name, n) => write(`Người chứng kiến ${n + 1}`, name))

test('by name: one delegate after the other, with two witnesses', () => {
  show()
  press('Tán thành') // Bảo comes first by given name
  write('Đại biểu (đã nhập 1)', '8')
  press('Không tán thành')
  press('Ghi nhận phiếu')
  expect(send).not.toHaveBeenCalled()
  witness()
  press('Ghi nhận phiếu')
  const ballots = [{ member_id: 7, answers: [['for']] }, { member_id: 8, answers: [['against']] }] // prettier-ignore
  expect(send).toHaveBeenCalledExactlyOnceWith('vote.add_paper', { meeting_id: 1, vote_id: 4, witnesses: ['Một', 'Hai'], ballots })
})

test('as totals', () => {
  show()
  press('Tổng số')
  write('Số phiếu giấy', '5')
  write('Tán thành', '3')
  write('Không tán thành', '1')
  write('Không hợp lệ', '1')
  witness()
  press('Ghi nhận phiếu')
  const totals = { ballots: 5, questions: [{ counts: [3, 1, 0], invalid: 1 }] }
  expect(send).toHaveBeenCalledExactlyOnceWith('vote.add_paper', { meeting_id: 1, vote_id: 4, witnesses: ['Một', 'Hai'], totals })
})

test('the hand vote of a point’s hall is by name only', () => {
  show(true)
  expect(document.body.textContent).not.toContain('Tổng số')
  press('Không biểu quyết')
  witness()
  press('Ghi nhận phiếu')
  expect(send).toHaveBeenCalledExactlyOnceWith('vote.hand', expect.objectContaining({ ballots: [{ member_id: 7, answers: [['abstain']] }] }))
})
