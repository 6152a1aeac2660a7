import { type Route, routeOf } from './route'

/** Where we are. Links within the application need nothing special: clicks on them are taken here. */
class Router {
  path = $state(location.pathname)
  route: Route = $derived(routeOf(this.path))

  constructor() {
    window.addEventListener('popstate', () => (this.path = location.pathname))
    document.addEventListener('click', (event) => this.#follow(event))
  }

  go(path: string, { replace = false } = {}): void {
    if (path === location.pathname + location.search) return
    history[replace ? 'replaceState' : 'pushState'](null, '', path)
    this.path = location.pathname
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return
    const anchor = (event.target as Element).closest?.('a')
    if (!anchor || anchor.origin !== location.origin || anchor.target || anchor.hasAttribute('download')) return
    if (anchor.pathname.startsWith('/api/')) return
    event.preventDefault()
    this.go(anchor.pathname + anchor.search)
  }
}

export const router = new Router()
export const go = router.go.bind(router)
