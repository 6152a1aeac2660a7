import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { looksLikePaper, nameOf, upload } from './upload'

test.each([
  ['412-TTr-UBND Kế hoạch đầu tư công.pdf', { number: '412/TTr-UBND', title: 'Kế hoạch đầu tư công' }],
  ['87_BC-HĐND_Thẩm_tra_ngân_sách.PDF', { number: '87/BC-HĐND', title: 'Thẩm tra ngân sách' }],
  ['412-TTr-UBND.pdf', { number: '412/TTr-UBND', title: '412/TTr-UBND' }],
  ['Dự thảo Nghị quyết (bản 3).pdf', { number: '', title: 'Dự thảo Nghị quyết (bản 3)' }],
  ['2026-12-08 chương trình.pdf', { number: '', title: '2026-12-08 chương trình' }],
  ['Phu\u0323 lu\u0323c.pdf', { number: '', title: 'Phụ lục' }],
  ['.pdf', { number: '', title: '.pdf' }],
])('a file called %s', (filename, named) => {
  expect(nameOf(filename)).toEqual(named)
})

/** As much of XMLHttpRequest as an upload uses, played by hand. */
class Request {
  static last: Request
  upload: { onprogress?: (event: object) => void } = {}
  headers: Record<string, string> = {}
  status = 200
  responseText = ''
  url = ''
  body: unknown
  onload = () => undefined
  onerror = () => undefined
  onabort = () => undefined
  constructor() {
    Request.last = this
  }
  open = (method: string, url: string) => (this.url = `${method} ${url}`)
  setRequestHeader = (name: string, value: string) => (this.headers[name] = value)
  send = (body: unknown) => (this.body = body)
  abort = () => this.onabort()
  answer(status: number, text: string) {
    Object.assign(this, { status, responseText: text })
    this.onload()
  }
}

const file = new File(['%PDF-'], 'Tờ trình.pdf')

beforeEach(() => vi.stubGlobal('XMLHttpRequest', Request))
afterEach(() => vi.unstubAllGlobals())

test('a file goes up under its name, tells how far it is, and comes back with its hash', async () => {
  const heard: number[] = []
  const sending = upload(7, file, (part) => heard.push(part))
  const request = Request.last
  expect([request.url, request.headers['X-Filename'], request.body]).toEqual(['POST /api/uploads?meeting_id=7', encodeURIComponent('Tờ trình.pdf'), file])
  request.upload.onprogress!({ lengthComputable: true, loaded: 1, total: 4 })
  request.answer(200, '{"ok":true,"result":{"sha256":"ab","size":5,"filename":"Tờ trình.pdf"}}')
  expect(heard).toEqual([0.25])
  expect(await sending.done).toMatchObject({ sha256: 'ab', size: 5 })
})

test.each([
  [415, '{"ok":false,"error":{"code":"not_a_paper"}}', 'not_a_paper'],
  [413, '<html>nginx</html>', 'too_large'],
  [502, '<html>nginx</html>', 'internal'],
])('an answer %i is refused as what it is', async (status, text, code) => {
  const sending = upload(7, file, () => undefined)
  Request.last.answer(status, text)
  await expect(sending.done).rejects.toMatchObject({ code })
})

test('without a server, and stopped by hand', async () => {
  const lost = upload(7, file, () => undefined)
  Request.last.onerror()
  await expect(lost.done).rejects.toMatchObject({ code: 'offline' })
  const stopped = upload(7, file, () => undefined)
  stopped.stop()
  await expect(stopped.done).rejects.toMatchObject({ code: 'stopped' })
})

test('a paper is known by how the file begins', () => {
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer
  const papers = ['%PDF-1.7', '\r\n junk %PDF-1.4', '\x89PNG\r\n', '\xff\xd8\xff\xe0', 'II*\0', 'RIFF\x01\x02\x03\x0aWEBPVP8', 'PK\x03\x04', '\xd0\xcf\x11\xe0', '{\\rtf1']
  for (const head of papers) expect(looksLikePaper(bytes(head)), head).toBe(true)
  for (const head of ['', 'MZ', 'RIFF....AVI ', '<html>', '%!PS', '\xff\xd8']) expect(looksLikePaper(bytes(head)), head).toBe(false)
})
