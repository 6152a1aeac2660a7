/// <reference types="vitest/config" />
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

/** Tells the service worker the files it keeps; another list is another version. */
function shell(): Plugin {
  return {
    name: 'shell',
    apply: 'build',
    async generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((name) => name !== 'index.html' && name !== 'sw.js')
      const files = JSON.stringify(['/index.html', '/icon.svg', '/manifest.webmanifest', ...built.map((name) => `/${name}`)].sort())
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(files)))
      const version = [...digest.slice(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      const worker = bundle['sw.js']
      if (worker?.type === 'chunk') worker.code = worker.code.replace('__FILES__', files).replace('__VERSION__', version)
    },
  }
}

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), shell()],
  build: {
    // Old office machines stay on the last Chrome for Windows 7 (109); CSS is lowered to the same browsers.
    target: ['chrome109', 'firefox115', 'safari15.4'],
    // Nothing is inlined as a data: address, so that the content security policy can stay narrow.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 300,
    rollupOptions: {
      input: ['index.html', 'sw.js'],
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  resolve: mode === 'test' ? { conditions: ['browser'] } : undefined,
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'] },
}))
