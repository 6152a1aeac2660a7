import type { Step } from './place'

const STEPS: Record<string, Step> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  PageDown: 'turn',
  PageUp: 'back',
  Home: 'first',
  End: 'last',
}

/** What else a key does. */
export type Act = 'larger' | 'smaller' | 'fit' | 'find'

const ACTS: Record<string, Act> = { '+': 'larger', '=': 'larger', '-': 'smaller', '0': 'fit', '/': 'find' }

/** What a key does to the page. Nothing while an input method composes, while something is being written or chosen, within an open
    sheet, or when somebody before us took the key. */
export function stepOf(event: KeyboardEvent): Step | null {
  return ours(event) && plain(event) && !event.shiftKey ? (STEPS[event.key] ?? null) : null
}

/** Larger, smaller, the whole page, searching; Ctrl+F too, because the browser itself would find only the page that is drawn. */
export function actOf(event: KeyboardEvent): Act | null {
  if (!ours(event)) return null
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f') return 'find'
  return plain(event) ? (ACTS[event.key] ?? null) : null
}

function ours(event: KeyboardEvent): boolean {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return false
  const target = event.target
  return !(target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog'))
}

function plain(event: KeyboardEvent): boolean {
  return !event.altKey && !event.ctrlKey && !event.metaKey
}
