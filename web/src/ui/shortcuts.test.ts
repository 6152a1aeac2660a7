import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keyOf, press, setShortcuts, shortcuts } from './shortcuts'

const pressed = vi.fn()

beforeEach(() => {
  document.body.innerHTML = `
    <button id="next" aria-keyshortcuts="N">Bước  tiếp theo</button>
    <button id="undo" aria-keyshortcuts="Control+Z" aria-label="Hoàn tác">x</button>
    <button id="off" aria-keyshortcuts="M" disabled>Mời</button>
    <label><span class="unseen">Ghi nhanh</span><textarea aria-keyshortcuts="G"></textarea></label>`
  for (const button of document.querySelectorAll('button')) button.addEventListener('click', () => pressed(button.id))
  // Nothing is laid out here.
  HTMLElement.prototype.getClientRects = () => [{}] as unknown as DOMRectList
})
afterEach(() => {
  pressed.mockReset()
  setShortcuts(true)
})

function key(init: KeyboardEventInit & { keyCode?: number }, target: Element = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
  if (init.keyCode) Object.defineProperty(event, 'keyCode', { value: init.keyCode })
  target.dispatchEvent(event)
  return event
}

test('a key presses its button, and goes to its field', () => {
  expect(press(key({ key: 'n' }))).toBe(true)
  expect(press(key({ key: 'z', ctrlKey: true }))).toBe(true)
  expect(pressed.mock.calls).toEqual([['next'], ['undo']])
  expect(press(key({ key: 'g' }))).toBe(true)
  expect(document.activeElement?.tagName).toBe('TEXTAREA')
})

test.each<[string, KeyboardEventInit & { keyCode?: number }]>([
  ['a button that can do nothing now', { key: 'm' }],
  ['nobody has it', { key: 'q' }],
  ['an input method composes', { key: 'n', isComposing: true }],
  ['an input method took it', { key: 'n', keyCode: 229 }],
  ['it is held down', { key: 'n', repeat: true }],
  ['another combination', { key: 'n', ctrlKey: true }],
  ['the browser’s menu', { key: 'n', altKey: true }],
])('not when %s', (_, init) => {
  expect(press(key(init))).toBe(false)
  expect(pressed).not.toHaveBeenCalled()
})

test('not while somebody writes, in an open sheet, or when switched off', () => {
  expect(keyOf(key({ key: 'n' }, document.querySelector('textarea')!))).toBeNull()
  document.body.append(Object.assign(document.createElement('dialog'), { open: true }))
  expect(press(key({ key: 'n' }))).toBe(false)
  document.querySelector('dialog')!.remove()
  setShortcuts(false)
  expect(press(key({ key: 'n' }))).toBe(false)
  expect(press(key({ key: 'z', ctrlKey: true }))).toBe(true)
})

test('the list says what each button says', () => {
  for (const one of document.querySelectorAll<HTMLElement>('button')) Object.defineProperty(one, 'innerText', { value: one.textContent })
  expect(shortcuts()).toEqual([
    { key: 'N', does: 'Bước tiếp theo' },
    { key: 'Ctrl+Z', does: 'Hoàn tác' },
    { key: 'G', does: 'Ghi nhanh' },
  ])
})
