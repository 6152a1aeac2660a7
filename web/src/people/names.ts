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

/** Every word of the query begins a word of the text, in any order: "cuong do" finds "Đỗ Văn Cường". */
export function matches(text: string, query: string): boolean {
  const words = fold(text).split(/\s+/)
  return fold(query)
    .split(/\s+/)
    .every((asked) => words.some((word) => word.startsWith(asked)))
}
