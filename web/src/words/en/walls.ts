import type vi from '../vi/walls'

/** The walls in the secretary's console. */
export default {
  show: 'Show on the wall',
  show_short: 'Change content',
  send: 'Show on the wall',
  content: 'Content',
  preview: 'Preview, exactly as the hall will see it',
  where: 'Which screens',
  now: 'Now on {name}',
  about: 'More about {name}',
  auto: 'Follow the sitting',
  agenda: 'Agenda',
  speaker: 'Speaker',
  page: 'Presented page',
  roll: 'Roll call',
  vote: 'Vote: {title}',
  result: 'Result: {title}',
  message: 'Message',
  text: 'Words of the message',
  blank: 'Meeting title only',
  add: 'Add a screen',
  rename: 'Rename the screen',
  remove: 'Remove this screen',
  name: 'Name of the screen',
  hide_all: 'Hide all screens',
  show_all: 'Show all screens again',
} satisfies Record<keyof typeof vi, string>
