import { expect, test, vi } from 'vitest'
import { START } from '../documents/place'
import { Mover, Presenter, SPACING_MS } from './presenter'

const at = (page: number) => ({ ...START, page })
const settled = () => new Promise((done) => setTimeout(done))

test('one page on its way at a time; of those leafed through meanwhile only the last is shown', async () => {
  const sent: number[] = []
  const answers: (() => void)[] = []
  const presenter = new Presenter((_, place) => {
    sent.push(place.page)
    return new Promise<void>((done) => void answers.push(done))
  })
  void presenter.show(5, at(1))
  void presenter.show(5, at(2))
  void presenter.show(5, at(3))
  expect(sent).toEqual([1])
  answers[0]!()
  await settled()
  expect(sent).toEqual([1, 3])
  answers[1]!()
  await settled()
  expect(sent).toEqual([1, 3])
})

test('a refusal reaches who turned, and does not stop the next page', async () => {
  let refuse = true
  const sent: number[] = []
  const presenter = new Presenter(async (_, place) => {
    if (refuse) throw new Error('refused')
    sent.push(place.page)
  })
  await expect(presenter.show(5, at(1))).rejects.toThrow('refused')
  refuse = false
  await presenter.show(5, at(2))
  expect(sent).toEqual([2])
})

test('movements are told one after the other, not faster than is smooth, and the last one always', async () => {
  vi.useFakeTimers()
  const sent: (number | null)[] = []
  const mover = new Mover(async ({ x }) => {
    sent.push(x)
    if (x === 0) throw new Error('no network')
  })
  const move = (x: number) => mover.move({ paper_id: 5, ...START, x, y: 0, laser: false })
  for (const x of [0, 1, 2]) move(x)
  expect(sent).toEqual([0])
  await vi.advanceTimersByTimeAsync(SPACING_MS)
  expect(sent).toEqual([0, 2])
  move(3)
  expect(sent).toEqual([0, 2])
  await vi.advanceTimersByTimeAsync(SPACING_MS)
  expect(sent).toEqual([0, 2, 3])
  await vi.advanceTimersByTimeAsync(SPACING_MS)
  move(4)
  expect(sent).toEqual([0, 2, 3, 4])
  vi.useRealTimers()
})
