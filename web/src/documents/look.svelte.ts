/** How one person likes to read, on this device, in every meeting. */
import type { Shelf } from '../shelf'
import type { Fit } from './PageSlot.svelte'

/** system: as the device says. */
export type Paper = 'system' | 'white' | 'ivory' | 'dark'

const FITS: readonly Fit[] = ['width', 'page', 'two']
const PAPERS: readonly Paper[] = ['system', 'white', 'ivory', 'dark']

export class Look {
  #fit = $state<Fit>('width')
  #paper = $state<Paper>('system')
  #large = $state(false)

  constructor(private readonly shelf: Pick<Shelf, 'get' | 'put'>) {
    const kept = shelf.get() as { fit?: Fit; paper?: Paper; large?: boolean } | null
    this.#fit = FITS.find((fit) => fit === kept?.fit) ?? 'width'
    this.#paper = PAPERS.find((paper) => paper === kept?.paper) ?? 'system'
    this.#large = kept?.large === true
  }

  get fit(): Fit {
    return this.#fit
  }
  set fit(fit: Fit) {
    this.#fit = fit
    this.#keep()
  }

  get paper(): Paper {
    return this.#paper
  }
  set paper(paper: Paper) {
    this.#paper = paper
    this.#keep()
  }

  /** Large type from the words of the page, in place of the print. */
  get large(): boolean {
    return this.#large
  }
  set large(large: boolean) {
    this.#large = large
    this.#keep()
  }

  /** Colour this screen for as long as it is open; for an `$effect`. */
  colour(): () => void {
    const { dataset } = document.documentElement
    const before = { theme: dataset.theme, paper: dataset.paper }
    if (this.#paper !== 'system') dataset.theme = this.#paper === 'dark' ? 'dark' : 'light'
    if (this.#paper === 'ivory') dataset.paper = 'ivory'
    return () => {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete dataset[name]
        else dataset[name] = value
      }
    }
  }

  #keep(): void {
    this.shelf.put({ fit: this.#fit, paper: this.#paper, large: this.#large })
  }
}
