import type { Step } from './place'

const STEPS: Record<string, Step> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  PageDown: 'turn',
  PageUp: 'back',
  Home: 'first',
  End: 'last',
}

/** What a key does to the page. Nothing while an input method composes, while something is being written or chosen, within an open
    sheet, or when somebody before us took the key. */
export function stepOf(event: KeyboardEvent): Step | null {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return null
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null
  const target = event.target
  if (target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog')) return null
  return STEPS[event.key] ?? null
}
