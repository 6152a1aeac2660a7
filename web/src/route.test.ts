import { expect, test } from 'vitest'
import { adminPath, meetingPath, routeOf } from './route'

test.each([
  ['/', { name: 'home' }],
  ['/login', { name: 'login' }],
  ['/login/', { name: 'login' }],
  ['/seat', { name: 'seat' }],
  ['/admin', { name: 'admin', part: 'people', meetingId: 0 }],
  ['/admin/', { name: 'admin', part: 'people', meetingId: 0 }],
  ['/admin/units', { name: 'admin', part: 'units', meetingId: 0 }],
  ['/admin/journal', { name: 'admin', part: 'journal', meetingId: 0 }],
  ['/admin/journal/12', { name: 'admin', part: 'journal', meetingId: 12 }],
  ['/admin/people/12', { name: 'unknown' }],
  ['/admin/kitchen', { name: 'unknown' }],
  ['/administration', { name: 'unknown' }],
  ['/m/12', { name: 'meeting', meetingId: 12, as: null }],
  ['/m/12/', { name: 'meeting', meetingId: 12, as: null }],
  ['/m/12/wall', { name: 'meeting', meetingId: 12, as: 'wall' }],
  ['/m/12/wall/3', { name: 'meeting', meetingId: 12, as: 'wall', which: 3 }],
  ['/m/12/kitchen', { name: 'unknown' }],
  ['/m/12/technician', { name: 'meeting', meetingId: 12, as: 'technician' }],
  ['/m/12/recording/5', { name: 'meeting', meetingId: 12, as: 'recording', which: 5 }],
  ['/m/12/recording', { name: 'unknown' }],
  ['/m/12/sheet/5', { name: 'meeting', meetingId: 12, as: 'sheet', which: 5 }],
  ['/m/12/sheet', { name: 'unknown' }],
  ['/m/12/chair/5', { name: 'unknown' }],
  ['/m/x', { name: 'unknown' }],
  ['/m/1234567890123456', { name: 'unknown' }],
  ['/toString', { name: 'unknown' }],
])('%s', (path, route) => {
  expect(routeOf(path)).toEqual(route)
})

test('a path leads back to its route', () => {
  expect(routeOf(meetingPath(7, 'chair'))).toEqual({ name: 'meeting', meetingId: 7, as: 'chair' })
  expect(routeOf(meetingPath(7, 'wall', 2))).toEqual({ name: 'meeting', meetingId: 7, as: 'wall', which: 2 })
  expect(meetingPath(7)).toBe('/m/7')
  expect(routeOf(adminPath('journal', 7))).toEqual({ name: 'admin', part: 'journal', meetingId: 7 })
})
