/** The master: what a key means is what it says in Vietnamese. One file per noun or screen. */
import ballot from './vi/ballot'
import chair from './vi/chair'
import home from './vi/home'
import login from './vi/login'
import meetings from './vi/meetings'
import point from './vi/point'
import refusals from './vi/refusals'
import seat from './vi/seat'
import ui from './vi/ui'

export const vi = { ballot, chair, home, login, meetings, point, refusals, seat, ui }
