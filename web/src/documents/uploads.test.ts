import { beforeEach, expect, test, vi } from 'vitest'
import { Refusal } from '../refusal'
import { Uploads } from './uploads.svelte'

const { sent, going } = vi.hoisted(() => ({ sent: [] as unknown[], going: [] as { name: string; end: (error?: unknown) => void }[] }))
vi.mock('../link', () => ({ link: { send: (...command: unknown[]) => Promise.resolve(sent.push(command)) } }))
vi.mock('./upload', async (real) => ({
  ...(await real<object>()),
  upload: (_: number, file: File) => {
    let stop: () => void = () => undefined
    const done = new Promise((resolve, reject) => {
      stop = () => reject(new Refusal('stopped'))
      going.push({ name: file.name, end: (error) => (error ? reject(error as Error) : resolve({ sha256: `hash of ${file.name}` })) })
    })
    return { done, stop }
  },
}))

/** jsdom's files cannot be read in parts. */
function pdf(name: string, head = '%PDF-1.7'): File {
  const file = new File([head], name)
  return Object.assign(file, { slice: () => ({ arrayBuffer: () => Promise.resolve(new TextEncoder().encode(head).buffer) }) })
}
const settled = () => new Promise((done) => setTimeout(done, 5))

beforeEach(() => {
  sent.length = going.length = 0
})

test('files go one after another and become papers in their order', async () => {
  const uploads = new Uploads(7)
  uploads.add([pdf('412-TTr-UBND Đầu tư công.pdf'), pdf('Phụ lục.pdf')], { item_id: 4 })
  await settled()
  expect(going.map((one) => one.name)).toEqual(['412-TTr-UBND Đầu tư công.pdf'])
  going[0]!.end()
  await settled()
  going[1]!.end()
  await settled()
  expect(sent).toEqual([
    ['paper.add', { meeting_id: 7, file: 'hash of 412-TTr-UBND Đầu tư công.pdf', item_id: 4, title: 'Đầu tư công', number: '412/TTr-UBND' }],
    ['paper.add', { meeting_id: 7, file: 'hash of Phụ lục.pdf', item_id: 4, title: 'Phụ lục', number: '' }],
  ])
  expect(uploads.jobs).toEqual([])
})

test('a refused file waits to be tried again, and the next one goes on', async () => {
  const uploads = new Uploads(7)
  uploads.add([pdf('a.pdf'), pdf('b.pdf')], { paper_id: 9 })
  await settled()
  going[0]!.end(new Refusal('offline'))
  await settled()
  going[1]!.end()
  await settled()
  expect(uploads.jobs.map((job) => [job.file.name, job.state, job.refusal?.code])).toEqual([['a.pdf', 'failed', 'offline']])
  uploads.retry(uploads.jobs[0]!)
  await settled()
  going[2]!.end()
  await settled()
  expect(sent.map((command) => (command as unknown[])[0])).toEqual(['paper.replace', 'paper.replace'])
  expect(uploads.jobs).toEqual([])
})

test('what is no PDF does not travel', async () => {
  const uploads = new Uploads(7)
  uploads.add([pdf('ảnh.pdf', '\x89PNG')], { item_id: 4 })
  await settled()
  expect(uploads.jobs[0]).toMatchObject({ state: 'failed', refusal: { code: 'not_a_paper' } })
  expect(going).toEqual([])
})

test('a file is given up on its way', async () => {
  const uploads = new Uploads(7)
  uploads.add([pdf('a.pdf')], { item_id: 4 })
  await settled()
  uploads.stop(uploads.jobs[0]!)
  await settled()
  expect([uploads.jobs, sent]).toEqual([[], []])
})
