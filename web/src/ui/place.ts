/** Toasts stand above a screen's bottom bar of this height in px. Returns how to end that. */
export function toastsAbove(bar: number): () => void {
  const { style } = document.documentElement
  style.setProperty('--toast-bottom', `${bar}px`)
  return () => style.removeProperty('--toast-bottom')
}
