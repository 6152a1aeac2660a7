import { afterEach, expect, test } from 'vitest'
import { stepOf } from './keys'

afterEach(() => document.body.replaceChildren())

/** A key pressed with `markup` focused, as the page sees it. */
function pressed(key: string, options: KeyboardEventInit & { keyCode?: number } = {}, markup = '<button></button>') {
  document.body.innerHTML = markup
  let step
  const seen = (event: KeyboardEvent) => (step = stepOf(event))
  document.body.addEventListener('keydown', seen, { once: true })
  const on = document.body.querySelector('[data-here]') ?? document.body.firstElementChild!
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...options }))
  return step
}

test.each([
  ['ArrowRight', 'next'],
  ['ArrowLeft', 'previous'],
  ['PageDown', 'turn'],
  ['PageUp', 'back'],
  ['Home', 'first'],
  ['End', 'last'],
  ['ArrowDown', null],
  ['a', null],
])('%s: %s', (key, step) => {
  expect(pressed(key)).toBe(step)
})

test('never while an input method composes', () => {
  expect(pressed('PageDown', { isComposing: true })).toBeNull()
  expect(pressed('PageDown', { keyCode: 229 })).toBeNull()
})

test('not with a modifier, not where something is written, not under a sheet', () => {
  expect(pressed('ArrowLeft', { altKey: true })).toBeNull()
  expect(pressed('Home', {}, '<input>')).toBeNull()
  expect(pressed('Home', {}, '<dialog open><button data-here></button></dialog>')).toBeNull()
})
