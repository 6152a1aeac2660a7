/** Keys that do what a button on the screen does. The button itself says which (`aria-keyshortcuts`), so that there is no second list. */

const OFF = 'meetroom.shortcuts.off'
const WRITING = 'input, textarea, select, [contenteditable]'

export interface Shortcut {
  /** As it is printed: "Ctrl+Z", "N". */
  key: string
  does: string
}

/** Who writes with a keyboard that sends letters on its own (speech input) can do without them (WCAG 2.1.4). */
export function shortcutsOn(): boolean {
  return localStorage.getItem(OFF) === null
}

export function setShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(OFF)
  else localStorage.setItem(OFF, '1')
}

/** The key of an event as `aria-keyshortcuts` spells it; null while an input method composes, or when it is nobody's to take. */
export function keyOf(event: KeyboardEvent): string | null {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || event.repeat || event.altKey) return null
  if (event.target instanceof Element && event.target.closest(WRITING)) return null
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key
  return event.ctrlKey || event.metaKey ? `Control+${key}` : key
}

/** Do what the key stands for: press its button, or go to its field. True when there was one. */
export function press(event: KeyboardEvent): boolean {
  const key = keyOf(event)
  if (!key || (!key.startsWith('Control') && !shortcutsOn()) || document.querySelector('dialog[open]')) return false
  const found = controls().find((one) => one.getAttribute('aria-keyshortcuts') === key)
  if (!found) return false
  event.preventDefault()
  found.focus()
  if (!found.matches(WRITING)) found.click()
  return true
}

/** What the keys do on the screen as it is now. */
export function shortcuts(): Shortcut[] {
  return controls().map((one) => ({ key: one.getAttribute('aria-keyshortcuts')!.replace('Control', 'Ctrl'), does: nameOf(one) }))
}

function controls(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[aria-keyshortcuts]')].filter((one) => !one.matches(':disabled') && one.getClientRects().length > 0)
}

function nameOf(control: HTMLElement): string {
  const label = control.getAttribute('aria-label') ?? control.closest('label')?.querySelector('.unseen')?.textContent ?? control.innerText
  return label.replace(/\s+/g, ' ').trim()
}
