import type vi from '../vi/new_meeting'

export default {
  title: 'Create a meeting',
  from: 'Begin from',
  from_nothing: 'An empty meeting',
  from_copy: 'Like {title}',
  from_hint: 'Agenda, members and points are copied; papers and votes are not.',
  name: 'Name of the meeting',
  kind: 'Kind of meeting',
  kind_council: 'Session of the People’s Council',
  kind_committee: 'Session of the People’s Committee',
  kind_conference: 'Video conference',
  kind_working: 'Working meeting',
  body: 'Held by',
  body_hint: 'Printed at the head of papers and on seat cards.',
  place: 'Place',
  starts_at: 'Opens at',
  name_missing: 'Write the meeting’s name.',
  time_missing: 'Choose day and time of the opening.',
} satisfies Record<keyof typeof vi, string>
