import type vi from '../vi/home'

export default {
  title: 'My meetings',
  live: 'In session',
  enter: 'Enter the meeting room',
  coming: 'Coming',
  past: 'Closed',
  none: 'No meetings yet.',
  none_next: 'When a secretary invites you, the meeting appears here.',
  failed: 'The list of meetings could not be fetched.',
  failed_next: 'It is tried again when there is a network.',
  logout: 'Sign out',
  admin: 'Administration',
  create: 'Create a meeting',
  role_secretary: 'Secretary',
  role_chair: 'Chair',
  role_delegate: 'Delegate',
  role_operator: 'Point operator',
  role_technician: 'Technician',
  role_wall: 'Wall',
  role_guest: 'Guest',
} satisfies Record<keyof typeof vi, string>
