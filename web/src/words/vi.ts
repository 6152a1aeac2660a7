/** The master: what a key means is what it says in Vietnamese. One file per noun or screen. */
import ui from './vi/ui'

export const vi = { ui }
