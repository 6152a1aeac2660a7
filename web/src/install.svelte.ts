/** Whether this tablet opens the rooms without a network, and how it is installed like an app of its own. */

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>
}

class Install {
  /** `impossible`: the browser does not trust the server's certificate, or keeps nothing; then only a network helps. */
  offline = $state<'unknown' | 'ready' | 'impossible'>('unknown')
  #prompt = $state.raw<InstallPrompt | null>(null)

  /** The browser offers to install it. */
  get offered(): boolean {
    return this.#prompt !== null
  }

  async start(): Promise<void> {
    window.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault()
      this.#prompt = event as InstallPrompt
    })
    window.addEventListener('appinstalled', () => (this.#prompt = null))
    try {
      await navigator.serviceWorker.register('/sw.js')
      await navigator.serviceWorker.ready
      this.offline = 'ready'
    } catch {
      this.offline = 'impossible'
    }
  }

  async install(): Promise<void> {
    await this.#prompt?.prompt()
    this.#prompt = null
  }
}

export const install = new Install()
