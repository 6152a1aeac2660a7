import type { Upload } from '../contract.gen'
import { type Answer, Refusal, resultOf } from '../refusal'

export interface Sending {
  /** Rejects with a Refusal: `offline` when the server cannot be reached, `stopped` after `stop`. */
  done: Promise<Upload>
  stop(): void
}

/** Stream a file to the server; `onsent` hears how much of it has left, 0 to 1. */
export function upload(meetingId: number, file: File, onsent: (part: number) => void): Sending {
  const request = new XMLHttpRequest()
  const done = new Promise<Upload>((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && onsent(event.loaded / event.total)
    request.onerror = () => reject(new Refusal('offline'))
    request.onabort = () => reject(new Refusal('stopped'))
    request.onload = () => {
      try {
        resolve(resultOf<Upload>(answerOf(request)))
      } catch (refusal) {
        reject(refusal as Refusal)
      }
    }
  })
  request.open('POST', `/api/uploads?meeting_id=${meetingId}`)
  request.setRequestHeader('Content-Type', 'application/octet-stream')
  request.setRequestHeader('X-Filename', encodeURIComponent(file.name))
  request.send(file)
  return { done, stop: () => request.abort() }
}

function answerOf(request: XMLHttpRequest): Answer {
  try {
    const answer = JSON.parse(request.responseText) as Answer
    if (typeof answer.ok === 'boolean') return answer
  } catch {
    // A proxy in between answered with a page of its own.
  }
  const code = { 401: 'login', 413: 'too_large' }[request.status] ?? 'internal'
  return { ok: false, error: { code, detail: null } }
}

/** What the dialog for choosing files offers; the server decides by what is in them. */
export const ACCEPTED = '.pdf,.docx,.xlsx,.pptx,.doc,.xls,.ppt,.rtf,.odt,.ods,.odp,.png,.jpg,.jpeg,.tif,.tiff,.webp'

/** A file says what it is within so many bytes; what is no paper need not travel. */
export const HEADER_WITHIN = 1024

const BEGINNINGS = ['\x89PNG', '\xff\xd8\xff', 'II*\0', 'MM\0*', 'PK\x03\x04', '\xd0\xcf\x11\xe0', '{\\rtf']

/** PDF; PNG, JPEG, TIFF, WebP; the archives and containers of office programs. */
export function looksLikePaper(head: ArrayBuffer): boolean {
  const bytes = String.fromCharCode(...new Uint8Array(head))
  return bytes.includes('%PDF-') || /^RIFF[^]{4}WEBP/.test(bytes) || BEGINNINGS.some((mark) => bytes.startsWith(mark))
}

export interface Named {
  title: string
  /** As printed: "412/TTr-UBND". */
  number: string
}

/** 412-TTr-UBND, 412_TTr-UBND_12 trang: a number cannot have a stroke in a file's name. */
const NUMBER = /^(\d{1,5})[-_. ]+((?:[A-ZĐ][A-Za-zĐđ]{0,5})(?:-[A-ZĐ][A-ZĐa-zđ&]{1,14})+)(?:[-_. ]+|$)/u

/** What a file's name says about the paper: its printed number, and its title. */
export function nameOf(filename: string): Named {
  const stem = filename.normalize('NFC').replace(/\.[A-Za-z0-9]{1,5}$/, '')
  const found = NUMBER.exec(stem)
  const rest = found ? stem.slice(found[0].length) : stem
  const title = rest.replace(/[_\s]+/g, ' ').trim()
  const number = found ? `${found[1]}/${found[2]}` : ''
  return { title: (title || number || filename).slice(0, 300), number }
}
