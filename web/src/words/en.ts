import ui from './en/ui'
import type { Language } from './types'

export const en: Language = { ui }
