import type vi from '../vi/login'

export default {
  title: 'Sign in',
  about: 'With the account your office gave you.',
  username: 'User name',
  password: 'Password',
  show_password: 'Show the password',
  enter: 'Sign in',
  entering: 'Signing in…',
  by_seat: 'Take a tablet at your seat',
  by_seat_about: 'A shared tablet: scan the code on the seat card, no password needed.',
  house: 'Paperless meeting room',
  house_about: 'Papers, votes, the floor and conference points on one screen.',
  missing: 'Enter the user name and the password.',
} satisfies Record<keyof typeof vi, string>
