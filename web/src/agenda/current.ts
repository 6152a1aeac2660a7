import type { ItemView } from '../contract.gen'

/** The item in hand. */
export function current(items: ReadonlyMap<number, ItemView>): ItemView | undefined {
  return [...items.values()].find((item) => item.state === 'current')
}
