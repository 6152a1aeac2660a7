import { expect, test } from 'vitest'
import type { TextLayer, TextLine } from '../contract.gen'
import { partsOf, pieceAt } from './text'

/** A line of print from `x0` to `x1` at height `y`, its words spread evenly. */
function line(text: string, x0: number, x1: number, y: number, { block = 0, size = 120 } = {}): TextLine {
  const words = text.split(' ')
  const each = (x1 - x0) / words.length
  return { box: [x0, y, x1, y + 150], block, size, words: words.map((word, n) => [x0 + n * each, x0 + (n + 1) * each, word]) }
}
const layer = (...lines: TextLine[]): TextLayer => ({ lines })
const read = (page: TextLayer) =>
  partsOf(page).map((part) => {
    const text = (pieces: { text: string }[]) => pieces.map((piece) => piece.text).join(' ')
    return part.kind === 'table' ? part.rows.map((row) => row.cells.map(text)) : `${part.kind}: ${text(part.pieces)}`
  })

test('lines become paragraphs again: an indent begins one, a short line ends it', () => {
  const page = layer(
    line('2. Nguyên tắc phân bổ: ưu tiên thanh toán nợ', 1_900, 8_800, 1_000),
    line('đọng xây dựng cơ bản, dự án chuyển tiếp', 1_500, 8_800, 1_180),
    line('thủ tục đầu tư.', 1_500, 3_000, 1_360),
    line('3. Cơ cấu phân bổ theo ngành', 1_900, 8_700, 1_540),
    line('và lĩnh vực', 1_500, 4_000, 1_720),
  )
  expect(read(page)).toEqual([
    'text: 2. Nguyên tắc phân bổ: ưu tiên thanh toán nợ đọng xây dựng cơ bản, dự án chuyển tiếp thủ tục đầu tư.',
    'text: 3. Cơ cấu phân bổ theo ngành và lĩnh vực',
  ])
})

test('headings: larger letters, or capitals; two centred lines are one', () => {
  const page = layer(
    line('KẾ HOẠCH ĐẦU TƯ', 3_000, 7_000, 500, { size: 160 }),
    line('CÔNG NĂM 2027', 3_500, 6_500, 700, { size: 160 }),
    line('III. NGUỒN VỐN VÀ TỔ CHỨC', 1_900, 6_000, 1_000),
    line('Nguồn vốn gồm: vốn cân đối ngân sách địa phương', 1_900, 8_800, 1_180),
    line('2.380 tỷ đồng', 1_500, 3_000, 1_360),
  )
  expect(read(page)).toEqual([
    'heading: KẾ HOẠCH ĐẦU TƯ CÔNG NĂM 2027',
    'heading: III. NGUỒN VỐN VÀ TỔ CHỨC',
    'text: Nguồn vốn gồm: vốn cân đối ngân sách địa phương 2.380 tỷ đồng',
  ])
})

test('cells beside each other are a table, also where a cell is empty or goes on below', () => {
  const page = layer(
    line('Phấn đấu hoàn thành một số chỉ tiêu chủ yếu như sau:', 1_900, 8_800, 600),
    line('STT', 1_400, 1_700, 1_000),
    line('Ngành', 2_400, 3_000, 1_000),
    line('Năm 2026', 5_000, 5_900, 1_000),
    line('Năm 2027', 6_800, 7_700, 1_000),
    line('1', 1_500, 1_560, 1_200),
    line('Khoa học, công', 1_800, 3_600, 1_200),
    line('nghệ', 1_800, 2_300, 1_360),
    line('268', 5_500, 5_900, 1_200),
    line('402', 7_300, 7_700, 1_200),
    line('Khác', 1_800, 2_200, 1_560),
    line('690', 7_300, 7_700, 1_560),
    line('Lĩnh vực khoa học tăng 50,0 % để hoàn thành trung tâm', 1_900, 8_800, 2_200),
  )
  expect(read(page)).toEqual([
    'text: Phấn đấu hoàn thành một số chỉ tiêu chủ yếu như sau:',
    [
      ['STT', 'Ngành', 'Năm 2026', 'Năm 2027'],
      ['1', 'Khoa học, công nghệ', '268', '402'],
      ['', 'Khác', '', '690'],
    ],
    'text: Lĩnh vực khoa học tăng 50,0 % để hoàn thành trung tâm',
  ])
})

test('the line that is pointed at, or the next one below', () => {
  const parts = partsOf(layer(line('Một', 1_500, 8_800, 1_000), line('Hai', 1_500, 8_800, 2_000), line('Ba', 1_500, 8_800, 3_000)))
  expect([0, 1_100, 1_500, 2_100, 9_000].map((y) => pieceAt(parts, y)?.text)).toEqual(['Một', 'Một', 'Hai', 'Hai', 'Ba'])
  expect(pieceAt([], 0)).toBeUndefined()
})

test('a page without words has no parts', () => {
  expect(partsOf({ lines: [] })).toEqual([])
  expect(partsOf(layer({ box: [0, 0, 0, 0], block: 0, size: 0, words: [] }))).toEqual([])
})
