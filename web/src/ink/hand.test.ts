import { expect, test } from 'vitest'
import { type Hand, judge, type Touch } from './hand'

const finger: Touch = { pointerType: 'touch', isPrimary: true, button: 0, width: 24 }
const pen: Touch = { ...finger, pointerType: 'pen', width: 1 }
const mouse: Touch = { ...finger, pointerType: 'mouse', width: 1 }
const idle: Hand = { tool: 'none', finger: false, penSeen: false, penUp: 0 }
const drawing: Hand = { ...idle, tool: 'pen' }
const byFinger: Hand = { ...drawing, finger: true }

test.each<[string, Touch, Hand, string]>([
  ['a pen draws although no tool was taken', pen, idle, 'draw'],
  ['a pen draws', pen, drawing, 'draw'],
  ['the other end of a pen, too', { ...pen, button: 5 }, drawing, 'draw'],
  ['its side button does not', { ...pen, button: 2 }, drawing, 'ignore'],
  ['a finger turns pages', finger, idle, 'pass'],
  ['a finger scrolls while the pen tool is taken', finger, drawing, 'pass'],
  ['a finger draws where it was chosen', finger, byFinger, 'draw'],
  ['the second finger enlarges', { ...finger, isPrimary: false }, byFinger, 'pass'],
  ['a finger no longer draws once a pen was seen', finger, { ...byFinger, penSeen: true }, 'pass'],
  ['a palm on the page beside the pen', finger, { ...drawing, penSeen: true, penUp: Infinity }, 'ignore'],
  ['a palm that stays after the pen has left', finger, { ...drawing, penSeen: true, penUp: 9_700 }, 'ignore'],
  ['a finger later than that', finger, { ...drawing, penSeen: true, penUp: 9_000 }, 'pass'],
  ['a palm where fingers draw', { ...finger, width: 90 }, byFinger, 'ignore'],
  ['a note is placed by a finger', finger, { ...drawing, tool: 'note', penSeen: true }, 'draw'],
  ['a mouse without a tool', mouse, idle, 'pass'],
  ['a mouse with a tool', mouse, drawing, 'draw'],
  ['its other button', { ...mouse, button: 2 }, drawing, 'pass'],
])('%s', (_, touch, hand, verdict) => expect(judge(touch, hand, 10_000)).toBe(verdict))
