import ballot from './en/ballot'
import chair from './en/chair'
import home from './en/home'
import login from './en/login'
import meetings from './en/meetings'
import point from './en/point'
import refusals from './en/refusals'
import seat from './en/seat'
import ui from './en/ui'
import type { Language } from './types'

export const en: Language = { ballot, chair, home, login, meetings, point, refusals, seat, ui }
