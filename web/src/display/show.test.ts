import { expect, test } from 'vitest'
import type { DisplayView, ItemView, MeetingView, MemberView, PaperView, RequestView, Showing, VoteView } from '../contract.gen'
import { type Sitting, whatToShow } from './show'

const NOW = Date.parse('2026-12-08T02:48:00Z')
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString()
const byId = <V extends { id: number }>(...views: V[]) => new Map(views.map((view) => [view.id, view]))

const display = (of: Partial<DisplayView> = {}): DisplayView => ({ id: 1, presenting: null, ...of })
const vote = (id: number, state: VoteView['state'], of: Partial<VoteView> = {}) => ({ id, state, closed_at: null, published_at: null, ...of }) as VoteView
const item = (id: number, state: ItemView['state'], kind: ItemView['kind'] = 'speech') => ({ id, state, kind }) as ItemView
const request = (id: number, state: RequestView['state']) => ({ id, member_id: id, state, position: id }) as RequestView
const member = (id: number) => ({ id }) as MemberView
const paper = { id: 5, version: 1, state: 'ready', page_count: 9, ready: 2, first: { sha256: 'a' }, previous: [] as unknown } as PaperView
const presenting = (page: number) => ({ paper_id: 5, page, top: 0, left: 0, zoom: 100, member_id: 2, by: 'Phạm Quang Huy' })

/** A sitting in its fourth item, nobody speaking; with what a row of the table adds. */
const sitting = (of: Partial<Sitting> = {}): Sitting => ({
  meeting: { id: 1, state: 'open' } as MeetingView,
  display: display(),
  items: byId(item(3, 'done'), item(4, 'current'), item(6, 'pending')),
  papers: byId(paper),
  votes: byId<VoteView>(),
  requests: byId<RequestView>(),
  members: byId(member(1), member(2), member(3)),
  ...of,
})
const state = (state: MeetingView['state']) => ({ id: 1, state }) as MeetingView
const speech = byId(request(1, 'done'), request(2, 'speaking'), request(3, 'waiting'))

const published = byId(vote(7, 'published', { published_at: ago(900) }), vote(8, 'open'))

const table: [string, Partial<Sitting>, object, Partial<Showing>?][] = [
  ['before the opening', { meeting: state('draft') }, { kind: 'before' }],
  ['open, no item yet', { items: byId(item(4, 'pending')) }, { kind: 'item', item: undefined }],
  ['the item in hand', {}, { kind: 'item', item: { id: 4 } }],
  ['a recess', { items: byId(item(5, 'current', 'break')) }, { kind: 'break', item: { id: 5 } }],
  ['a recess with a page left on show', { items: byId(item(5, 'current', 'break')), display: display({ presenting: presenting(1) }) }, { kind: 'break' }],
  ['somebody has the floor in the recess', { items: byId(item(5, 'current', 'break')), requests: speech }, { kind: 'speaker' }],
  ['somebody speaks', { requests: speech }, { kind: 'speaker', speech: { request: { id: 2 }, member: { id: 2 }, next: [{ id: 3 }] }, item: { id: 4 } }],
  ['a page is presented', { display: display({ presenting: presenting(2) }) }, { kind: 'page', paper: { id: 5 }, speech: null }],
  ['a page and its speaker', { display: display({ presenting: presenting(2) }), requests: speech }, { kind: 'page', speech: { member: { id: 2 } } }],
  ['its image is not made yet', { display: display({ presenting: presenting(3) }), requests: speech }, { kind: 'speaker' }],
  ['its paper was withdrawn', { display: display({ presenting: presenting(2) }), papers: byId({ ...paper, state: 'withdrawn' as const }) }, { kind: 'item' }],
  ['a vote is open', { votes: byId(vote(7, 'open')), requests: speech, display: display({ presenting: presenting(2) }) }, { kind: 'vote', vote: { id: 7 } }],
  ['a draft is nothing to show', { votes: byId(vote(7, 'draft')) }, { kind: 'item' }],
  ['just closed', { votes: byId(vote(7, 'closed', { closed_at: ago(20) })) }, { kind: 'vote', vote: { id: 7 } }],
  ['closed and left', { votes: byId(vote(7, 'closed', { closed_at: ago(61) })) }, { kind: 'item' }],
  ['just published', { votes: byId(vote(7, 'published', { closed_at: ago(300), published_at: ago(20) })) }, { kind: 'result', vote: { id: 7 } }],
  ['published a minute ago', { votes: byId(vote(7, 'published', { published_at: ago(60) })) }, { kind: 'item' }],
  [
    'of two the newer',
    { votes: byId(vote(7, 'published', { published_at: ago(20) }), vote(8, 'published', { published_at: ago(10) })) },
    { kind: 'result', vote: { id: 8 } },
  ],
  ['a result gives way to the next vote', { votes: byId(vote(7, 'published', { published_at: ago(20) }), vote(8, 'open')) }, { kind: 'vote', vote: { id: 8 } }],
  ['a result is kept on the wall, also over the next vote', { votes: published }, { kind: 'result', vote: { id: 7 } }, { content: 'vote', vote_id: 7 }],
  ['and over the end', { votes: published, meeting: state('closed') }, { kind: 'result' }, { content: 'vote', vote_id: 7 }],
  ['kept, but taken back', { votes: byId(vote(7, 'closed', { closed_at: ago(900) })) }, { kind: 'vote', vote: { id: 7 } }, { content: 'vote', vote_id: 7 }],
  ['kept, but annulled', { votes: byId(vote(7, 'annulled', { closed_at: ago(900) })) }, { kind: 'item' }, { content: 'vote', vote_id: 7 }],
  ['who voted how', { votes: published }, { kind: 'names', vote: { id: 7 } }, { content: 'names', vote_id: 7 }],
  ['but not before it is published', { votes: byId(vote(7, 'closed', { closed_at: ago(5) })) }, { kind: 'vote', vote: { id: 7 } }, { content: 'names', vote_id: 7 }],
  ['the agenda, whatever happens', { votes: published, requests: speech }, { kind: 'agenda' }, { content: 'agenda' }],
  ['the agenda before the opening', { meeting: state('draft') }, { kind: 'agenda' }, { content: 'agenda' }],
  ['who has come', { meeting: state('draft') }, { kind: 'roll' }, { content: 'roll' }],
  ['a message', { requests: speech }, { kind: 'message', text: 'Mời họp lại' }, { content: 'message', text: 'Mời họp lại' }],
  ['the speaker instead of the page', { display: display({ presenting: presenting(2) }), requests: speech }, { kind: 'speaker' }, { content: 'speaker' }],
  ['nobody speaks: the page', { display: display({ presenting: presenting(2) }) }, { kind: 'page' }, { content: 'speaker' }],
  ['the page also during a vote', { display: display({ presenting: presenting(2) }), votes: published }, { kind: 'page' }, { content: 'page' }],
  ['nothing presented: the item', { votes: published }, { kind: 'item' }, { content: 'page' }],
  ['annulled', { votes: byId(vote(7, 'annulled', { closed_at: ago(5), published_at: ago(5) })) }, { kind: 'item' }],
  ['blank, whatever happens', { votes: byId(vote(7, 'published')), requests: speech }, { kind: 'blank' }, { content: 'blank' }],
  ['closed', { meeting: state('closed'), votes: byId(vote(7, 'published', { published_at: ago(20) })) }, { kind: 'closed' }],
  ['nothing known', { meeting: undefined, display: undefined }, { kind: 'blank' }],
]

test.each(table)('%s', (_, of, shown, showing = {}) => {
  expect(whatToShow(sitting(of), { content: 'auto', vote_id: null, text: '', ...showing }, NOW)).toMatchObject(shown)
})
