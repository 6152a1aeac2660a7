import { expect, test } from 'vitest'
import { Presenter } from './presenter'

const at = (page: number) => ({ page, top: 0 })
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
