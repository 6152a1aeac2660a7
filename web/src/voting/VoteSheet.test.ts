import { flushSync, mount, unmount } from 'svelte'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { BallotView, MemberView, QuestionResult, VoteView } from '../contract.gen'
import { Refusal } from '../refusal'
import type { Casting, Sending } from './casting.svelte'
import { type Phase, phase as phaseOf } from './phase'
import VoteSheet from './VoteSheet.svelte'

const vote: VoteView = {
  id: 4, item_id: 1, title: 'Thông qua Nghị quyết', method: 'named', live: false, deadline: null, policy: 'absent', extend_seconds: 30, extended_at: null, revote_of: null, state: 'open', seconds: 60, all_members: 47, electorate: 45, cast: 38,
  questions: [{ title: 'Thông qua Nghị quyết', kind: 'approve', most: 1, member_id: null, options: ['for', 'against', 'abstain'].map((code) => ({ code, title: code, member_id: null })) }],
  rule: {
    code: 'council.majority', denominator: 'all_members', threshold: '1/2', strict: true, quorum: '2/3', source: 'Luật', valid_from: '2025-06-16',
    quorum_of: 'present', tie: 'fails', dismissal: null, substitutes: false, decimals: 2, valid_to: null,
  },
  opened_at: '2026-12-08T02:47:00.000Z', closes_at: '2026-12-08T02:48:00.000Z', closed_at: null, published_at: null, results: null, annulled_reason: null,
} // prettier-ignore
const delegate = { votes: true, present: true, arrived_at: '2026-12-08T01:00:00.000Z' } as MemberView
const ballot: BallotView = { id: 4, answers: [['for']], opinion: null, paper: false, recorded_at: '2026-12-08T02:47:18.000Z' }
const sent: Sending = { vote_id: 4, answers: [['abstain']], opinion: null, since: 0 }

let sheet: Record<string, unknown> | undefined
const cast = vi.fn()

beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true
  }
})
beforeEach(() => cast.mockReset())
afterEach(() => sheet && unmount(sheet))

interface Given {
  vote?: Partial<VoteView>
  member?: Partial<MemberView>
  sending?: Sending
  stored?: BallotView
  refused?: string
  now?: number
}

function text(given: Given = {}): string {
  const shown = { ...vote, ...given.vote }
  const casting = {
    sending: given.sending ?? null,
    refused: new Map(given.refused ? [[4, new Refusal(given.refused)]] : []),
    ballot: () => given.stored,
    cast,
  } as unknown as Casting
  const phase: Phase = phaseOf(shown, casting.sending, given.stored, given.now ?? 0)
  sheet = mount(VoteSheet, {
    target: document.body,
    props: { open: true, phone: false, vote: shown, phase, member: { ...delegate, ...given.member }, casting, item: '4.4' },
  })
  flushSync()
  return document.body.textContent!.replace(/\s+/g, ' ')
}
const buttons = () => [...document.querySelectorAll<HTMLButtonElement>('button.choice')]
const STAMP = 'ĐÃ GHI NHẬN'

test('asked: one tap sends, and nothing is stamped', () => {
  expect(text()).toContain('Thông qua khi quá nửa của tổng số 47 đại biểu tán thành (từ 24).')
  expect(document.body.textContent).not.toContain(STAMP)
  buttons()[1]!.click()
  expect(cast).toHaveBeenCalledExactlyOnceWith(4, [['against']])
})

test('on its way: the choice says so, still nothing is stamped', () => {
  expect(text({ sending: sent })).toContain('Đang gửi…')
  expect(buttons().map((button) => button.getAttribute('aria-busy'))).toEqual(['false', 'false', 'true'])
  expect(document.body.textContent).not.toContain(STAMP)
})

test('not acknowledged: it says that it has not arrived, and may still be changed', () => {
  expect(text({ sending: sent, now: 10_000 })).toContain('Phiếu chưa tới máy chủ.')
  expect(buttons()).toHaveLength(3)
})

test('stored: the choice with the stamp and the second; it may be changed until the vote closes', () => {
  expect(text({ stored: ballot })).toContain(`Tán thành ${STAMP} 09:47:18 ngày 08/12/2026`)
  expect(buttons()).toHaveLength(0)
  const change = [...document.querySelectorAll('button')].find((button) => button.textContent?.trim() === 'Đổi lựa chọn')
  change!.click()
  flushSync()
  expect(buttons().map((button) => button.getAttribute('aria-pressed'))).toEqual(['true', 'false', 'false'])
})

test('closed: what was stored stands, nothing can be chosen', () => {
  expect(text({ vote: { state: 'closed' }, stored: ballot })).toContain(STAMP)
  expect(buttons()).toHaveLength(0)
})

test.each<[string, Given, string]>([
  ['a guest', { member: { votes: false } }, 'Đại biểu dự họp, không biểu quyết.'],
  ['not checked in', { member: { arrived_at: null } }, 'Đại biểu chưa điểm danh khi mở biểu quyết.'],
  ['not on the list, as the server said', { refused: 'not_in_electorate' }, 'Danh sách gồm đại biểu có mặt lúc mở biểu quyết.'],
  ['too late', { vote: { state: 'closed' }, refused: 'voting_over' }, 'Phiếu không được tính.'],
  ['no ballot', { vote: { state: 'closed' } }, 'Đại biểu không gửi phiếu.'],
  ['annulled', { vote: { state: 'annulled', annulled_reason: 'Mất điện' } }, 'Lý do: Mất điện'],
])('%s: says why', (_, given, reason) => {
  expect(text(given)).toContain(reason)
  expect(buttons()).toHaveLength(0)
  expect(document.body.textContent).not.toContain(STAMP)
})

test('came in late: may try, the server decides', () => {
  expect(text({ member: { arrived_at: '2026-12-08T02:47:30.000Z' } })).toContain('Đại biểu vào họp sau khi mở biểu quyết.')
  expect(buttons()).toHaveLength(3)
})

test('no ballot: an alert until the result is there, then only a line, and nothing under a vote that was annulled', () => {
  text({ vote: { state: 'closed' } })
  expect(document.querySelector('.missed')).not.toBeNull()
  unmount(sheet!)
  expect(text({ vote: { state: 'published', results: [] } })).toContain('Đại biểu không gửi phiếu.')
  expect(document.querySelector('.missed')).toBeNull()
  unmount(sheet!)
  expect(text({ vote: { state: 'annulled', annulled_reason: 'Mất điện' } })).not.toContain('Đại biểu không gửi phiếu.')
})

test('published: the arithmetic, the rule and its source, and one’s own choice', () => {
  const result: QuestionResult = {
    counts: [41, 2, 1], percents: ['87.23', '4.26', '2.13'], valid: 44, invalid: 0, no_ballot: 1, base: 47, needed: 24, dismissal_needed: null,
    all_members: 47, electorate: 45, quorum_met: true, tie: false, outcome: 'passed', chosen: [],
  } // prettier-ignore
  const shown = text({ vote: { state: 'published', published_at: '2026-12-08T02:48:10.000Z', results: [result] }, stored: ballot })
  for (const part of ['41 : 47 = 87,23 %', 'Cần quá nửa của 47: từ 24 phiếu', 'ĐƯỢC THÔNG QUA', 'Lựa chọn của đại biểu: Tán thành, ghi nhận lúc 09:47:18'])
    expect(shown).toContain(part)
})
