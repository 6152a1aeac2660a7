/** Files on their way into a meeting, one after another, so that papers come in the order in which they were chosen. */
import { link } from '../link'
import { Refusal } from '../refusal'
import { HEADER_WITHIN, looksLikePaper, nameOf, type Sending, upload } from './upload'

export type Target = { item_id: number } | { paper_id: number }

export interface Job {
  readonly id: number
  readonly file: File
  readonly target: Target
  /** How much has left this computer, 0 to 1. */
  sent: number
  state: 'waiting' | 'sending' | 'failed'
  refusal: Refusal | null
}

export class Uploads {
  readonly #meetingId: number
  jobs = $state<Job[]>([])
  #last = 0
  #busy = false
  #sending: Sending | null = null

  constructor(meetingId: number) {
    this.#meetingId = meetingId
  }

  add(files: Iterable<File>, target: Target): void {
    for (const file of files) this.jobs.push({ id: ++this.#last, file, target, sent: 0, state: 'waiting', refusal: null })
    void this.#pump()
  }

  retry(job: Job): void {
    Object.assign(job, { state: 'waiting', sent: 0, refusal: null })
    void this.#pump()
  }

  /** Give a file up, on its way or refused. */
  stop(job: Job): void {
    if (job.state === 'sending') this.#sending?.stop()
    this.jobs = this.jobs.filter((one) => one.id !== job.id)
  }

  async #pump(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    for (let job = this.#next(); job; job = this.#next()) await this.#bring(job)
    this.#busy = false
  }

  #next(): Job | undefined {
    return this.jobs.find((job) => job.state === 'waiting')
  }

  async #bring(job: Job): Promise<void> {
    job.state = 'sending'
    try {
      if (!looksLikePaper(await job.file.slice(0, HEADER_WITHIN).arrayBuffer())) throw new Refusal('not_a_paper')
      this.#sending = upload(this.#meetingId, job.file, (part) => (job.sent = part))
      const { sha256 } = await this.#sending.done
      await this.#take(job, sha256)
      this.jobs = this.jobs.filter((one) => one.id !== job.id)
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) console.error(thrown)
      job.refusal = thrown instanceof Refusal ? thrown : new Refusal('internal')
      job.state = 'failed'
    } finally {
      this.#sending = null
    }
  }

  async #take(job: Job, file: string): Promise<void> {
    const order = { meeting_id: this.#meetingId, file }
    if ('paper_id' in job.target) await link.send('paper.replace', { ...order, ...job.target })
    else await link.send('paper.add', { ...order, ...job.target, ...nameOf(job.file.name) })
  }
}
