import { expect, test } from 'vitest'
import { compareNames, fold, givenName, matches } from './names'

test('a list goes by given name, then by family name, with Vietnamese letters in their order', () => {
  const people = ['Nguyễn Văn Bình', 'Đỗ Văn Cường', 'Trần Thị An', 'Lê Ân', 'Hoàng Đạt', 'Phạm Dũng', 'Lê Văn An', 'Bùi Ấn']
  expect(people.sort(compareNames)).toEqual([
    'Lê Văn An',
    'Trần Thị An',
    'Lê Ân',
    'Bùi Ấn',
    'Nguyễn Văn Bình',
    'Đỗ Văn Cường',
    'Phạm Dũng',
    'Hoàng Đạt',
  ])
})

test('the given name is the last word', () => {
  expect(givenName('  Lê Thị Minh  Châu ')).toBe('Châu')
  expect(givenName('')).toBe('')
})

test.each([
  ['Đỗ Văn Cường', 'do van cuong'],
  ['NGUYỄN THỊ HỒNG HẠNH', 'nguyen thi hong hanh'],
  ['Ủy ban nhân dân xã Nà Phặc', 'uy ban nhan dan xa na phac'],
  ['Nguyễn'.normalize('NFD'), 'nguyen'],
])('%s folds to %s', (text, folded) => {
  expect(fold(text)).toBe(folded)
})

test.each([
  ['cuong', true],
  ['Cường đỗ', true],
  ['DO v', true],
  ['', true],
  ['uong', false],
  ['Cương', true],
  ['cuong nam', false],
])('"%s" finds Đỗ Văn Cường: %s', (query, found) => {
  expect(matches('Đỗ Văn Cường', query)).toBe(found)
})
