import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Gestures, gestures } from './gestures'

/** A page of 800 × 600 at the upper left corner. */
let place: HTMLElement
let leave: () => void
let zoomed: boolean
let held: boolean
let on: { [K in keyof Gestures]: ReturnType<typeof vi.fn> }

beforeEach(() => {
  place = document.createElement('div')
  Object.defineProperty(place, 'clientWidth', { value: 800 })
  place.getBoundingClientRect = () => ({ left: 0, width: 800 }) as DOMRect
  zoomed = held = false
  on = { held: vi.fn(() => held), zoomed: vi.fn(() => zoomed), drag: vi.fn(), swipe: vi.fn(), tapEdge: vi.fn(), pinch: vi.fn(), release: vi.fn(), doubleTap: vi.fn() }
  leave = gestures(on as unknown as Gestures)(place)
})
afterEach(() => leave())

function dispatch(type: string, at: number, more: object): Event {
  const event = new Event(type, { cancelable: true, bubbles: true })
  Object.defineProperty(event, 'timeStamp', { value: at })
  Object.assign(event, more)
  place.dispatchEvent(event)
  return event
}
const touches = (...points: [number, number][]) => points.map(([clientX, clientY], identifier) => ({ identifier, clientX, clientY }))
const touch = (type: string, at: number, ...points: [number, number][]) => dispatch(type, at, { touches: touches(...points), changedTouches: [] })
const lift = (at: number, x: number, y: number, type = 'touchend') => dispatch(type, at, { touches: [], changedTouches: touches([x, y]) })
const click = (at: number, clientX: number, clientY = 300) => dispatch('click', at, { clientX, clientY })

test.each([
  ['far to the left: the next page', 200, 800, 1],
  ['far to the right: the page before', 600, 800, -1],
  ['a little and slowly: back in place', 350, 900, 0],
  ['a little but quickly: turned', 340, 100, 1],
])('swipe %s', (_, to, ms, direction) => {
  touch('touchstart', 0, [400, 300])
  const moved = touch('touchmove', ms / 2, [(400 + to) / 2, 303])
  expect(moved.defaultPrevented).toBe(true)
  touch('touchmove', ms, [to, 306])
  expect(on.drag).toHaveBeenLastCalledWith(to - 400)
  lift(ms, to, 306)
  expect(on.swipe).toHaveBeenCalledExactlyOnceWith(direction)
})

test('down the page is scrolling, and stays so', () => {
  touch('touchstart', 0, [400, 300])
  expect(touch('touchmove', 20, [405, 260]).defaultPrevented).toBe(false)
  touch('touchmove', 60, [200, 250])
  lift(80, 200, 250)
  expect([on.drag.mock.calls, on.swipe.mock.calls]).toEqual([[], []])
})

test('an enlarged page is panned, not turned', () => {
  zoomed = true
  touch('touchstart', 0, [400, 300])
  expect(touch('touchmove', 20, [200, 300]).defaultPrevented).toBe(false)
  lift(40, 200, 300)
  expect(on.swipe).not.toHaveBeenCalled()
})

test('while a tool has the page, only two fingers are ours', () => {
  held = true
  touch('touchstart', 0, [400, 300])
  touch('touchmove', 20, [200, 300])
  lift(40, 200, 300)
  click(100, 780)
  expect([on.drag.mock.calls, on.swipe.mock.calls, on.tapEdge.mock.calls]).toEqual([[], [], []])
  touch('touchstart', 200, [300, 300], [500, 300])
  touch('touchmove', 220, [250, 300], [550, 300])
  expect(on.pinch).toHaveBeenCalledExactlyOnceWith(1.5, { x: 400, y: 300 }, { x: 400, y: 300 })
})

test('a call that takes the finger away puts the page back', () => {
  touch('touchstart', 0, [400, 300])
  touch('touchmove', 20, [100, 300])
  lift(40, 100, 300, 'touchcancel')
  expect(on.swipe).toHaveBeenCalledExactlyOnceWith(0)
})

test('two fingers enlarge around the middle between them; a swipe begun before is taken back', () => {
  touch('touchstart', 0, [400, 300])
  touch('touchmove', 10, [360, 300])
  expect(touch('touchstart', 20, [300, 300], [500, 300]).defaultPrevented).toBe(true)
  expect(on.swipe).toHaveBeenCalledExactlyOnceWith(0)
  touch('touchmove', 40, [250, 300], [550, 300])
  expect(on.pinch).toHaveBeenLastCalledWith(1.5, { x: 400, y: 300 }, { x: 400, y: 300 })
  touch('touchmove', 60, [250, 300], [400, 300])
  expect(on.pinch).toHaveBeenLastCalledWith(0.75, { x: 400, y: 300 }, { x: 325, y: 300 })
  expect(on.release).not.toHaveBeenCalled()
  dispatch('touchend', 80, { touches: touches([250, 300]), changedTouches: [] })
  expect(on.release).toHaveBeenCalledTimes(1)
})

test('the wheel enlarges with Ctrl only, and stays as it is when it has come to rest', () => {
  vi.useFakeTimers()
  dispatch('wheel', 0, { ctrlKey: false, deltaY: -100, clientX: 400, clientY: 300 })
  expect(on.pinch).not.toHaveBeenCalled()
  expect(dispatch('wheel', 0, { ctrlKey: true, deltaY: -90, clientX: 400, clientY: 300 }).defaultPrevented).toBe(true)
  dispatch('wheel', 50, { ctrlKey: true, deltaY: -90, clientX: 402, clientY: 300 })
  const [first, second] = on.pinch.mock.calls as [number, object][]
  expect(second![0]).toBeCloseTo(first![0] ** 2)
  expect(second![1]).toEqual({ x: 400, y: 300 })
  expect(on.release).not.toHaveBeenCalled()
  vi.runAllTimers()
  expect(on.release).toHaveBeenCalledTimes(1)
  vi.useRealTimers()
})

test('a mouse that selects words taps nothing', () => {
  place.textContent = 'Kế hoạch'
  document.body.append(place)
  getSelection()!.selectAllChildren(place)
  click(0, 780)
  expect(on.tapEdge).not.toHaveBeenCalled()
  getSelection()!.removeAllRanges()
  click(100, 780)
  expect(on.tapEdge).toHaveBeenCalledTimes(1)
  place.remove()
})

test('a tap at an edge turns at once, each time; in the middle only a double tap means something', () => {
  click(0, 780)
  click(100, 780)
  click(200, 20)
  expect(on.tapEdge.mock.calls).toEqual([[1], [1], [-1]])
  click(1_000, 400)
  click(1_200, 410)
  expect(on.doubleTap).toHaveBeenCalledExactlyOnceWith({ x: 410, y: 300 })
  click(1_300, 410)
  click(2_000, 410)
  expect(on.doubleTap).toHaveBeenCalledTimes(1)
})
