/** By what name this tablet tells of its papers, so that the secretary can keep two tablets of one member apart. */
const KEY = 'meetroom.device'
let name: string | undefined

export function deviceId(): string {
  name ??= kept() ?? made()
  return name
}

function kept(): string | null {
  try {
    const found = localStorage.getItem(KEY)
    return found && /^[0-9a-f]{16}$/.test(found) ? found : null
  } catch {
    return null
  }
}

function made(): string {
  const fresh = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  try {
    localStorage.setItem(KEY, fresh)
  } catch {
    // Nothing is kept here: the next visit is another tablet.
  }
  return fresh
}
