import { expect, test } from 'vitest'
import type { Question } from '../contract.gen'
import { draftOf, missing, oneTap, tapped } from './ballot'

const options = (...codes: string[]) => codes.map((code) => ({ code, title: code, member_id: null }))
const question = (kind: Question['kind'], most = 1): Question => ({
  title: 'Câu hỏi', kind, most, member_id: null, options: kind === 'choose' ? options('o1', 'o2', 'o3') : options('high', 'confidence', 'low'),
}) // prettier-ignore

test('one of them: the other instead, and off again', () => {
  const trust = question('confidence')
  expect(tapped(trust, [], 'low')).toEqual(['low'])
  expect(tapped(trust, ['low'], 'high')).toEqual(['high'])
  expect(tapped(trust, ['high'], 'high')).toEqual([])
})

test('several: in the order of the options, and never more than allowed', () => {
  const pair = question('choose', 2)
  expect(tapped(pair, ['o3'], 'o1')).toEqual(['o1', 'o3'])
  expect(tapped(pair, ['o1', 'o3'], 'o2')).toEqual(['o1', 'o3'])
  expect(tapped(pair, ['o1', 'o3'], 'o1')).toEqual(['o3'])
})

test('what is left blank', () => {
  expect(missing([['low'], [], ['high'], []])).toEqual([1, 3])
})

test('one tap is enough for a plain vote in the hall only', () => {
  const approve = question('approve')
  expect(oneTap({ questions: [approve], method: 'named' })).toBe(true)
  expect(oneTap({ questions: [approve], method: 'slip' })).toBe(false)
  expect(oneTap({ questions: [approve, approve], method: 'named' })).toBe(false)
  expect(oneTap({ questions: [question('choose')], method: 'named' })).toBe(false)
})

test('a kept draft counts only where it fits', () => {
  const vote = { id: 4, questions: [question('confidence'), question('choose', 2)] }
  const kept = { vote_id: 4, answers: [['low'], ['o3', 'o1', 'o9']], opinion: 'Đồng ý' }
  expect(draftOf(kept, vote)).toEqual({ answers: [['low'], ['o1', 'o3']], opinion: 'Đồng ý' })
  expect(draftOf({ ...kept, answers: [['low', 'high'], 'x'] }, vote)?.answers).toEqual([['high'], []])
  for (const other of [null, 'x', { ...kept, vote_id: 5 }, { ...kept, answers: [[]] }]) expect(draftOf(other, vote)).toBeNull()
})
