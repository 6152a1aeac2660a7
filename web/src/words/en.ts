import admin from './en/admin'
import agenda_tree from './en/agenda_tree'
import ballot from './en/ballot'
import chair from './en/chair'
import conference from './en/conference'
import delegate from './en/delegate'
import home from './en/home'
import importing from './en/importing'
import journal from './en/journal'
import login from './en/login'
import meetings from './en/meetings'
import people from './en/people'
import point from './en/point'
import prepare from './en/prepare'
import reader from './en/reader'
import recordings from './en/recordings'
import refusals from './en/refusals'
import seat from './en/seat'
import secretary from './en/secretary'
import ui from './en/ui'
import units from './en/units'
import upload from './en/upload'
import wall from './en/wall'
import type { Language } from './types'

export const en: Language = {
  admin, agenda_tree, ballot, chair, conference, delegate, home, importing, journal, login, meetings, people, point, prepare, reader,
  recordings, refusals, seat, secretary, ui, units, upload, wall,
} // prettier-ignore
