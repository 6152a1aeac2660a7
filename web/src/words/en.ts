import agenda_tree from './en/agenda_tree'
import ballot from './en/ballot'
import chair from './en/chair'
import delegate from './en/delegate'
import home from './en/home'
import login from './en/login'
import meetings from './en/meetings'
import point from './en/point'
import prepare from './en/prepare'
import reader from './en/reader'
import refusals from './en/refusals'
import seat from './en/seat'
import secretary from './en/secretary'
import ui from './en/ui'
import upload from './en/upload'
import wall from './en/wall'
import type { Language } from './types'

export const en: Language = {
  agenda_tree, ballot, chair, delegate, home, login, meetings, point, prepare, reader, refusals, seat, secretary, ui, upload, wall,
} // prettier-ignore
