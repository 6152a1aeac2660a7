/** The master: what a key means is what it says in Vietnamese. One file per noun or screen. */
import access from './vi/access'
import admin from './vi/admin'
import agenda_tree from './vi/agenda_tree'
import ballot from './vi/ballot'
import board from './vi/board'
import chair from './vi/chair'
import conference from './vi/conference'
import delegate from './vi/delegate'
import floor from './vi/floor'
import home from './vi/home'
import importing from './vi/importing'
import ink from './vi/ink'
import journal from './vi/journal'
import login from './vi/login'
import meetings from './vi/meetings'
import messages from './vi/messages'
import pages from './vi/pages'
import people from './vi/people'
import point from './vi/point'
import prepare from './vi/prepare'
import presence from './vi/presence'
import reader from './vi/reader'
import recordings from './vi/recordings'
import refusals from './vi/refusals'
import seat from './vi/seat'
import secret from './vi/secret'
import secretary from './vi/secretary'
import ui from './vi/ui'
import units from './vi/units'
import upload from './vi/upload'
import wall from './vi/wall'
import walls from './vi/walls'

export const vi = {
  access, admin, agenda_tree, ballot, board, chair, conference, delegate, floor, home, importing, ink, journal, login, meetings, messages,
  pages, people, point, prepare, presence, reader, recordings, refusals, seat, secretary, ui, units, upload, wall, walls,
  secret,
} // prettier-ignore
