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
  request.setRequestHeader('Content-Type', 'application/pdf')
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
