import { expect, test } from 'vitest'
import { codeIn, hallCodeIn } from './scan'

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

const signed = '4.1796000000.0123456789abcdef01234567'
test.each([
  [`https://hop.thanhgiang.vn:8443/m/4/here?code=${signed}`, signed],
  [`https://hop.thanhgiang.vn/m/4/here?x=1&code=${signed}#top`, signed],
  ['https://hop.thanhgiang.vn/seat?code=417203', null],
  [`https://hop.thanhgiang.vn/m/4/here?code=${signed}0`, null],
  ['', null],
])('the code of the hall in %s', (text, code) => {
  expect(hallCodeIn(text)).toBe(code)
})
