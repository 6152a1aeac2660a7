/** At most `most` of the rows, with the one at `at` (-1: none) in sight and a little of what was before it. */
export function around<R>(rows: readonly R[], at: number, most: number): R[] {
  const first = Math.max(0, Math.min(at - Math.floor(most / 3), rows.length - most))
  return rows.slice(first, first + most)
}
