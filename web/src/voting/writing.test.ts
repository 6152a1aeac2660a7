import { expect, test } from 'vitest'
import type { Question } from '../contract.gen'
import { questionsOf, type Written, writtenOf } from './writing'

const members = [{ id: 7, full_name: 'Nguyễn Thị Hồng Hạnh' }]
const written = (more: Partial<Written>): Written => ({ kind: 'approve', lines: '', options: '', most: 1, ...more })

test('a plain vote asks its own title', () => {
  expect(questionsOf(written({}), 'Thông qua', members)).toEqual([{ title: 'Thông qua', kind: 'approve', member_id: null }])
})

test('a line each; a member’s name is about the member, however it is written', () => {
  expect(questionsOf(written({ kind: 'confidence', lines: ' nguyễn thị hồng hạnh\n\nTrần Văn A ' }), 'Tín nhiệm', members)).toEqual([
    { title: 'nguyễn thị hồng hạnh', kind: 'confidence', member_id: 7 },
    { title: 'Trần Văn A', kind: 'confidence', member_id: null },
  ])
})

test('a choice is one question, with no more choices than there are options', () => {
  expect(questionsOf(written({ kind: 'choose', options: 'Tân Lập\nAn Hòa', most: 5 }), 'Địa điểm', members)).toMatchObject([
    { title: 'Địa điểm', most: 2, options: [{ title: 'Tân Lập' }, { title: 'An Hòa' }] },
  ])
})

test('what was written comes back', () => {
  for (const text of [written({}), written({ kind: 'confidence', lines: 'A\nB' }), written({ kind: 'choose', options: 'x\ny', most: 2 })]) {
    const questions = questionsOf(text, 'Tên', []).map((one) => ({ options: [], most: 1, ...one })) as unknown as Question[]
    expect(writtenOf(questions, 'Tên')).toEqual(text)
  }
})
