/** One sentence at a time. A later one takes the place of the earlier. */
export interface Toast {
  /** act: what was just done, with undo · news: something arrived · trouble: something was refused or failed */
  kind: 'act' | 'news' | 'trouble'
  text: string
  /** In bold before the text. */
  lead?: string
  /** Takes back what was done; offered as long as the toast stands. */
  undo?: () => unknown
  action?: { label: string; run: () => unknown }
}

/** Undo is offered this long. */
export const STANDS_MS = 10_000

class Toasts {
  current = $state<Toast | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined

  show(toast: Toast): void {
    clearTimeout(this.#timer)
    this.current = toast
    this.#timer = setTimeout(() => this.clear(), STANDS_MS)
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.current = null
  }
}

export const toasts = new Toasts()

/** Tells what was just done: `done(t('floor.given', { name }), () => link.send('floor.undo', …))`. */
export function done(text: string, undo?: () => unknown): void {
  toasts.show({ kind: 'act', text, undo })
}

export function news(lead: string, text: string, action?: Toast['action']): void {
  toasts.show({ kind: 'news', lead, text, action })
}

export function trouble(text: string): void {
  toasts.show({ kind: 'trouble', text })
}
