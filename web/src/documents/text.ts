/** The words of a page as the worker found them: read from their blob, and put together again as sentences and tables. Units are
    ten-thousandths of the page's width and height. */
import type { TextLayer, TextLine } from '../contract.gen'

export type Box = TextLine['box']

/** A line of print within a part, so that the one that is pointed at can be marked. */
export interface Piece {
  text: string
  box: Box
}

export type Part =
  | { kind: 'text' | 'heading'; pieces: Piece[]; box: Box }
  /** Cells by row and column; an empty one has no pieces. */
  | { kind: 'table'; rows: { cells: Piece[][]; box: Box }[]; box: Box }

/** Cells of one row stand beside each other: they share at least this part of their height. */
const BESIDE = 0.5
/** A line that begins so much further in begins a paragraph; one that ends so much earlier ends it. */
const INDENT = 150
const SHORT = 900
/** Lines of one cell are no further apart than this part of their letters. */
const TIGHT = 0.22
/** Letters larger by this are another kind of text. */
const LARGER = 1.12

/** Browsers of before 2023 cannot unpack a page's words: no selecting, no large type, no searching without a network. */
export const readsText = 'DecompressionStream' in globalThis

/** Throws Error when the blob is no text layer. */
export async function readText(blob: Blob): Promise<TextLayer> {
  const inflated = blob.stream().pipeThrough(new DecompressionStream('deflate'))
  return (await new Response(inflated).json()) as TextLayer
}

/** The line as it reads. */
export function lineText(line: TextLine): string {
  return line.words.map(([, , word]) => word).join(' ')
}

/** The page as a reader takes it up: paragraphs, headings, tables, in their order. */
export function partsOf({ lines }: TextLayer): Part[] {
  const parts: Part[] = []
  const rows = rowsOf(lines.filter((line) => line.words.length))
  const usual = median(lines.map((line) => line.size))
  for (let at = 0; at < rows.length; ) {
    const end = tableEnd(rows, at)
    if (end > at) parts.push(table(rows.slice(at, end)))
    else paragraph(parts, rows[at]!, rows[at - 1], usual)
    at = Math.max(end, at + 1)
  }
  return parts
}

/** The piece that the presenter's line falls on, or the first one below it. */
export function pieceAt(parts: readonly Part[], y: number): Piece | undefined {
  const pieces = parts.flatMap((part) => (part.kind === 'table' ? part.rows.flatMap((row) => row.cells.flat()) : part.pieces))
  return pieces.filter(({ box }) => box[3] >= y).sort((a, b) => a.box[1] - b.box[1])[0] ?? pieces.at(-1)
}

/** Lines beside each other are one row; so is what goes on in a second line of one of its cells. */
function rowsOf(lines: readonly TextLine[]): TextLine[][] {
  const rows: TextLine[][] = []
  for (const line of lines) {
    const row = rows.at(-1)
    if (row && (fits(row, line) || goesOn(row, line))) row.push(line)
    else rows.push([line])
  }
  return rows
}

/** Beside one of the cells, and over none. */
function fits(row: readonly TextLine[], line: TextLine): boolean {
  return row.some(({ box }) => beside(box, line.box)) && row.every(({ box }) => apart(box, line.box) || shared(box, line.box) <= 0)
}

const apart = (a: Box, b: Box) => a[2] <= b[0] || b[2] <= a[0]
const shared = (a: Box, b: Box) => Math.min(a[3], b[3]) - Math.max(a[1], b[1])

function beside(a: Box, b: Box): boolean {
  return apart(a, b) && shared(a, b) >= BESIDE * Math.min(a[3] - a[1], b[3] - b[1])
}

/** A line right under one cell of a row of several, closer than rows are to each other; in the first column stands what begins a row. */
function goesOn(row: readonly TextLine[], line: TextLine): boolean {
  const columns = columnsOf(row)
  if (columns.length < 2 || line.box[0] < columns[0]![1]) return false
  const above = row.filter(({ box }) => !apart(box, line.box))
  const under = above.length > 0 && above.every(({ box }) => box[0] - INDENT <= line.box[0] && line.box[2] <= box[2] + SHORT && box[1] < line.box[1])
  return under && line.box[1] - Math.max(...above.map(({ box }) => box[3])) < TIGHT * line.size
}

/** From where to where the cells of a row stand, from the left. */
function columnsOf(row: readonly TextLine[]): [number, number][] {
  const columns: [number, number][] = []
  for (const { box } of [...row].sort((a, b) => a.box[0] - b.box[0])) {
    const last = columns.at(-1)
    if (last && box[0] < last[1]) last[1] = Math.max(last[1], box[2])
    else columns.push([box[0], box[2]])
  }
  return columns
}

/** Where a table that begins in this row ends; `at` when none does. */
function tableEnd(rows: readonly TextLine[][], at: number): number {
  let end = at
  while (end < rows.length && columnsOf(rows[end]!).length > 1) end++
  return end - at > 1 ? end : at
}

function table(rows: readonly TextLine[][]): Part {
  const own = rows.map(columnsOf)
  const most = Math.max(...own.map((columns) => columns.length))
  // Headings are narrow, and so are figures: a column is as wide as it is anywhere.
  const columns = own
    .filter((one) => one.length === most)
    .reduce((all, one) => all.map(([from, to], n) => [Math.min(from, one[n]![0]), Math.max(to, one[n]![1])] as [number, number]))
  return {
    kind: 'table',
    rows: rows.map((row) => {
      const cells = columns.map((): Piece[] => [])
      for (const line of row) cells[nearest(columns, line.box)]!.push(piece(line))
      return { cells, box: around(row) }
    }),
    box: around(rows.flat()),
  }
}

/** The column that a cell shares most with, or else the one that is least far away. */
function nearest(columns: readonly (readonly [number, number])[], box: Box): number {
  const shares = columns.map(([from, to]) => Math.min(to, box[2]) - Math.max(from, box[0]))
  return shares.indexOf(Math.max(...shares))
}

function paragraph(parts: Part[], row: readonly TextLine[], above: readonly TextLine[] | undefined, usual: number): void {
  const heads = row.some((line) => line.size > usual * LARGER) || (row.length === 1 && capitals(lineText(row[0]!)))
  const kind = heads ? 'heading' : 'text'
  const open = parts.at(-1)
  const last = above?.at(-1)
  const goes = open?.kind === kind && last && row.length === 1 && sameParagraph(last, row[0]!, open.box, heads)
  if (goes) {
    open.pieces.push(...row.map(piece))
    open.box = join(open.box, around(row))
  } else parts.push({ kind, pieces: row.map(piece), box: around(row) })
}

/** `soFar`: the paragraph up to now, whose edges say what is an indent and what ends early. */
function sameParagraph(last: TextLine, line: TextLine, soFar: Box, heads: boolean): boolean {
  if (last.block !== line.block && line.box[1] - last.box[3] > 0.6 * line.size) return false
  if (Math.abs(last.size - line.size) > (LARGER - 1) * line.size) return false
  const centred = Math.abs(middle(last.box) - middle(line.box)) < INDENT
  if (heads && centred) return true
  const indented = line.box[0] > soFar[0] + INDENT
  const ended = last.box[2] < Math.max(soFar[2], line.box[2]) - SHORT
  return !indented && !ended
}

const middle = (box: Box) => (box[0] + box[2]) / 2
const piece = (line: TextLine): Piece => ({ text: lineText(line), box: line.box })

/** "III. NGUỒN VỐN": a heading in letters of the usual size. */
function capitals(text: string): boolean {
  const letters = text.replace(/[^\p{L}]/gu, '')
  return letters.length > 5 && letters === letters.toUpperCase()
}

function around(lines: readonly TextLine[]): Box {
  return lines.map(({ box }) => box).reduce(join)
}

function join(a: Box, b: Box): Box {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
}
