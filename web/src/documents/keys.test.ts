import { afterEach, expect, test } from 'vitest'
import { actOf, stepOf } from './keys'

afterEach(() => document.body.replaceChildren())

/** A key pressed with `markup` focused, as the page sees it. */
function pressed(key: string, options: KeyboardEventInit & { keyCode?: number } = {}, markup = '<button></button>', of: (event: KeyboardEvent) => unknown = stepOf) {
  document.body.innerHTML = markup
  let step: unknown
  const seen = (event: KeyboardEvent) => (step = of(event))
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

test.each([
  ['+', {}, 'larger'],
  ['=', {}, 'larger'],
  ['+', { shiftKey: true }, 'larger'],
  ['-', {}, 'smaller'],
  ['0', {}, 'fit'],
  ['/', {}, 'find'],
  ['f', { ctrlKey: true }, 'find'],
  ['F', { metaKey: true }, 'find'],
  ['+', { ctrlKey: true }, null], // the browser's own
  ['f', {}, null],
  ['0', { isComposing: true }, null],
] as const)('%s %j: %s', (key, options, act) => {
  expect(pressed(key, options, '<button></button>', actOf)).toBe(act)
})

test('what is typed into a field is no act', () => {
  expect(pressed('0', {}, '<input>', actOf)).toBeNull()
  expect(pressed('f', { ctrlKey: true }, '<dialog open><input data-here></dialog>', actOf)).toBeNull()
})
