/* The app itself, kept so that it opens without a network. Papers are kept by the app (src/documents/storage.ts), never here. */
const SHELL = 'meetroom-shell-__VERSION__'
const FILES = __FILES__

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'no-cache' }))))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('meetroom-shell-') && name !== SHELL
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin || /^\/(api|b|socket\.io)\//.test(url.pathname)) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (FILES.includes(url.pathname)) event.respondWith(caches.match(url.pathname, { cacheName: SHELL }).then((kept) => kept || fetch(request)))
})

/** The server's page when it answers in time, else the kept one: every address is the same app. */
async function page(request) {
  const kept = () => caches.match('/index.html', { cacheName: SHELL })
  const late = new Promise((done) => setTimeout(done, 3000)).then(kept)
  const fresh = fetch(request).then((answer) => (answer.ok ? answer : kept().then((one) => one || answer)))
  return Promise.any([fresh, late.then((one) => one || Promise.reject(new Error('nothing kept')))]).catch(async () => (await kept()) || Response.error())
}
