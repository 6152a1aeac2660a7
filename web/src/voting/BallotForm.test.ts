import { flushSync, mount, unmount } from 'svelte'
import { afterEach, expect, test, vi } from 'vitest'
import type { BallotView, VoteView } from '../contract.gen'
import BallotForm from './BallotForm.svelte'

const levels = ['high', 'confidence', 'low'].map((code) => ({ code, title: code, member_id: null }))
const vote = {
  id: 4, title: 'Tín nhiệm', method: 'named', questions: ['An', 'Bình', 'Cẩn'].map((title) => ({ title, kind: 'confidence', most: 1, member_id: null, options: levels })),
} as unknown as VoteView // prettier-ignore
const sent = vi.fn()
let form: Record<string, unknown> | undefined

afterEach(() => {
  if (form) void unmount(form)
  sent.mockReset()
  localStorage.clear()
})

function show(given: Partial<VoteView> = {}, ballot?: BallotView): void {
  Element.prototype.scrollIntoView = vi.fn()
  form = mount(BallotForm, { target: document.body, props: { vote: { ...vote, ...given }, ballot, sending: false, onsend: sent } })
  flushSync()
}
function tap(name: string, at = 0): void {
  const button = [...document.querySelectorAll('button')].filter((one) => one.textContent?.trim() === name)[at]!
  button.click()
  flushSync()
}
const text = () => document.body.textContent!.replace(/\s+/g, ' ')

test('nothing goes before something is chosen, and what is left blank is asked about first', () => {
  show()
  tap('Gửi phiếu')
  expect(sent).not.toHaveBeenCalled()
  tap('Tín nhiệm thấp')
  expect(text()).toContain('Đã chọn 1 / 3')
  tap('Gửi phiếu')
  expect(sent).not.toHaveBeenCalled()
  expect(text()).toContain('Còn 2 nội dung chưa chọn')
  tap('Vẫn gửi phiếu')
  expect(sent).toHaveBeenCalledExactlyOnceWith([['low'], [], []], null)
})

test('all chosen goes with one tap, and a choice that was made after the warning takes it back', () => {
  show()
  tap('Tín nhiệm cao', 0)
  tap('Gửi phiếu')
  tap('Tín nhiệm cao', 1)
  tap('Tín nhiệm', 2)
  tap('Gửi phiếu')
  expect(sent).toHaveBeenCalledExactlyOnceWith([['high'], ['high'], ['confidence']], null)
})

test('a tablet that dies goes on where it was', () => {
  show()
  tap('Tín nhiệm thấp', 2)
  void unmount(form!)
  show()
  expect(text()).toContain('Đã chọn 1 / 3')
})

test('what is stored is where a change begins; a slip takes an opinion along', () => {
  const ballot = { id: 4, answers: [['high'], ['low'], ['low']], opinion: 'Đồng ý', paper: false, recorded_at: '2026-12-08T02:47:18.000Z' }
  show({ method: 'slip' }, ballot)
  expect(document.querySelector('textarea')!.value).toBe('Đồng ý')
  tap('Gửi lại phiếu')
  expect(sent).toHaveBeenCalledExactlyOnceWith(ballot.answers, 'Đồng ý')
})
