/** The server's time on this device. It rests on the monotonic clock, so that setting the tablet's clock changes nothing. */
class Clock {
  /** Milliseconds since 1970, renewed at each whole second: for everything that counts seconds on a screen. */
  now = $state(Date.now())
  #told = false
  #base = Date.now() - performance.now()
  #ticking: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.#tick()
  }

  /** Milliseconds since 1970, exactly now. */
  read(): number {
    return this.#base + performance.now()
  }

  /** The server said what time it is, `delay` ms ago. */
  set(serverTime: string | number | Date, delay = 0): void {
    this.#told = true
    this.#base = new Date(serverTime).getTime() + delay - performance.now()
    this.#tick()
  }

  /** What an HTTP date says, to the second: good enough until the server said it better. */
  suggest(serverTime: number, delay = 0): void {
    if (this.#told || Math.abs(serverTime + delay - this.read()) < 2000) return
    this.set(serverTime, delay)
    this.#told = false
  }

  #tick(): void {
    clearTimeout(this.#ticking)
    const now = this.read()
    this.now = Math.round(now)
    this.#ticking = setTimeout(() => this.#tick(), 1000 - (now % 1000))
  }
}

export const clock = new Clock()
