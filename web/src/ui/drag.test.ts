import { expect, test } from 'vitest'
import { dragHandle, gapAt, KeptFocus } from './drag'

test('the gap a drop falls into', () => {
  const rows = [
    { top: 0, bottom: 40 },
    { top: 40, bottom: 100 },
  ]
  expect([-5, 19, 21, 69, 71, 500].map((y) => gapAt(y, rows))).toEqual([0, 0, 1, 1, 2, 2])
})

function handle() {
  const told: string[] = []
  const element = document.body.appendChild(document.createElement('button'))
  element.setPointerCapture = () => undefined
  const say = (what: string) => () => void told.push(what)
  const detach = dragHandle({ start: say('start'), move: (x, y) => void told.push(`${x},${y}`), drop: say('drop'), cancel: say('cancel') })(element)
  const point = (type: string, clientX = 0, clientY = 0) => element.dispatchEvent(new MouseEvent(type, { clientX, clientY, button: 0 }))
  return { told, point, detach: detach as () => void }
}

test('a press that hardly moves is no drag', () => {
  const { told, point } = handle()
  point('pointerdown')
  point('pointermove', 2, 2)
  point('pointerup')
  expect(told).toEqual([])
})

test('a drag is dropped, once', () => {
  const { told, point } = handle()
  point('pointerdown')
  point('pointermove', 0, 30)
  point('pointerup')
  point('pointermove', 0, 60)
  expect(told).toEqual(['start', '0,30', 'drop'])
})

test('Escape, a lost pointer and a vanished handle give it up', () => {
  for (const give of [
    () => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })),
    ({ point }: ReturnType<typeof handle>) => point('pointercancel'),
    ({ detach }: ReturnType<typeof handle>) => detach(),
  ]) {
    const one = handle()
    one.point('pointerdown')
    one.point('pointermove', 0, 30)
    give(one)
    one.point('pointerup')
    expect(one.told).toEqual(['start', '0,30', 'cancel'])
  }
})

test('a row that moves keeps the focus until something else has it', () => {
  const [row, other] = ['a', 'b'].map((name) => {
    const button = document.body.appendChild(document.createElement('button'))
    button.textContent = name
    return button
  }) as [HTMLButtonElement, HTMLButtonElement]
  const kept = new KeptFocus()
  row.focus()
  kept.keep(() => row)
  document.body.append(row)
  row.blur()
  kept.restore()
  expect(document.activeElement).toBe(row)
  other.focus()
  kept.restore()
  other.blur()
  kept.restore()
  expect(document.activeElement).toBe(document.body)
  kept.keep(() => row)
  window.dispatchEvent(new MouseEvent('pointerdown'))
  kept.restore()
  expect(document.activeElement).toBe(document.body)
})
