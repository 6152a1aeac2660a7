import { trouble } from './ui/toast.svelte'
import { sentence } from './words/refusals'

/** Do what a tap or a key asked for. What is refused or fails is told in a toast, and answers false. */
export async function attempt(doing: () => Promise<unknown>): Promise<boolean> {
  try {
    await doing()
    return true
  } catch (thrown) {
    trouble(sentence(thrown))
    return false
  }
}
