import { expect, test } from 'vitest'
import type { Incident } from '../contract.gen'
import { detailsOf } from './incidents'

const at = '2026-12-08T02:00:00Z'

test.each([
  [{ at, kind: 'quality', about: 'Xã A', from_: 'high', to: 'audio', reason: 'down' }, 'Hình rõ → Chỉ có tiếng, đường truyền về điểm cầu yếu'],
  [{ at, kind: 'quality', about: 'Xã A', from_: 'audio', to: 'high', reason: '' }, 'Chỉ có tiếng → Hình rõ'],
  [{ at, kind: 'node_changed', about: 'n2', from_: 'n1', to: 'n2' }, 'n1 → n2'],
  [{ at, kind: 'recording_failed', about: '3', problem: 'disk_full' }, 'Ổ đĩa máy chủ đầy.'],
  [{ at, kind: 'recording_failed', about: '3', problem: 'of_tomorrow' }, 'Bản ghi kết thúc sớm.'],
  [{ at, kind: 'lost', about: 'Xã A', seconds: 12 }, ''],
] as [Incident, string][])('%j: %s', (incident, details) => expect(detailsOf(incident)).toBe(details))
