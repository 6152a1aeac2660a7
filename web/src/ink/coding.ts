/** A stroke as it crosses the wire: the differences from each point to the next as zigzag varints, in base64. The server reads it
    the same way (meetroom/ink/rules.py), and says what is no stroke. */

/** x and y in ten-thousandths of the page's width and height, pressure 0 to 255. */
export type Point = readonly [x: number, y: number, pressure: number]

/** How far beyond the page the server takes strokes; those made here end at its edge (`onPage`). */
export const REACH = { left: -5_000, right: 15_000, top: -1_000, bottom: 11_000 } as const
export const MOST_POINTS = 3_000

export function encode(points: readonly Point[]): string {
  const bytes: number[] = []
  let before: Point = [0, 0, 0]
  for (const point of points) {
    for (let n = 0; n < 3; n++) {
      const difference = point[n]! - before[n]!
      let rest = difference >= 0 ? difference * 2 : -difference * 2 - 1
      for (; rest > 127; rest >>= 7) bytes.push((rest & 127) | 128)
      bytes.push(rest)
    }
    before = point
  }
  return btoa(String.fromCharCode(...bytes))
}

/** What the server gave is a stroke. */
export function decode(code: string): Point[] {
  const points: Point[] = []
  const point: [number, number, number] = [0, 0, 0]
  let [rest, shift, n] = [0, 0, 0]
  for (const letter of atob(code)) {
    const byte = letter.charCodeAt(0)
    rest |= (byte & 127) << shift
    shift += 7
    if (byte & 128) continue
    point[n % 3]! += rest & 1 ? -((rest + 1) >> 1) : rest >> 1
    if (++n % 3 === 0) points.push([...point])
    rest = shift = 0
  }
  return points
}
