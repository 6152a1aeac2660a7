/** Vietnamese names: the given name comes last, and people are listed by it. */

const order = new Intl.Collator('vi', { sensitivity: 'variant' })

/** "Lê Thị Minh Châu" → "Châu" */
export function givenName(fullName: string): string {
  return fullName.trim().split(/\s+/).at(-1) ?? ''
}

/** By given name, then by the whole name from its family name on. */
export function compareNames(a: string, b: string): number {
  return order.compare(givenName(a), givenName(b)) || order.compare(a.trim(), b.trim())
}

/** For searching: "Đỗ Văn Cường" → "do van cuong". The server folds in the same way. */
export function fold(text: string): string {
  return text
    .replace(/[đĐ]/g, 'd')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
}

/** The folded words of a text, for searching it more than once. */
export function wordsOf(text: string): string[] {
  return fold(text).split(/\s+/)
}

/** Every word asked for begins one of the words, in any order: "cuong do" finds "Đỗ Văn Cường". */
export function begun(words: readonly string[], asked: readonly string[]): boolean {
  return asked.every((start) => words.some((word) => word.startsWith(start)))
}

export function matches(text: string, query: string): boolean {
  return begun(wordsOf(text), wordsOf(query))
}
