import { expect, test } from 'vitest'
import { codeIn } from './scan'

test.each([
  ['417203', '417203'],
  [' 417203\n', '417203'],
  ['https://hop.thanhgiang.vn:8443/seat?code=417203', '417203'],
  ['https://192.168.1.10/seat?m=4&code=417203', '417203'],
  ['4172031', null],
  ['https://192.168.1.10/seat?code=41720', null],
  ['https://192.168.1.10/seat?code=4172034', null],
  ['WIFI:S:hoi-truong;P:12345678;;', null],
  ['', null],
])('%s holds %s', (text, code) => {
  expect(codeIn(text)).toBe(code)
})
