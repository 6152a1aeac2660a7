import type vi from '../vi/meetings'

export default {
  opening: 'Opening the meeting',
  hidden: 'This meeting cannot be opened.',
  hidden_next: 'There is no such meeting, or it has not invited you.',
  screen_failed: 'This screen could not be fetched.',
  screen_failed_next: 'Load the page again when there is a network.',
} satisfies Record<keyof typeof vi, string>
