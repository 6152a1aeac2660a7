/** Reads QR codes from a camera: with the browser's own detector where it has one, else in JavaScript. */

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}
type DetectorClass = (new (options: { formats: string[] }) => Detector) & { getSupportedFormats(): Promise<string[]> }

const PAUSE_MS = 160
/** Wide enough for a card filling a third of the picture, small enough for a cheap tablet. */
const WIDTH = 480

/** The first 6 digits that can be a seat's code: the digits alone, or the address printed as QR. */
export function codeIn(text: string): string | null {
  return /^\d{6}$/.exec(text.trim())?.[0] ?? /\/seat\?(?:.*&)?code=(\d{6})(?:&|#|$)/.exec(text)?.[1] ?? null
}

/** What the code that stands in the hall says, from the address printed as QR. */
export function hallCodeIn(text: string): string | null {
  return /\/here\?(?:.*&)?code=(\d{1,16}\.\d{1,12}\.[0-9a-f]{24})(?:&|#|$)/.exec(text)?.[1] ?? null
}

/** Open the camera into `video` and tell every text read until the returned function is called. Throws what getUserMedia throws. */
export async function scan(video: HTMLVideoElement, found: (text: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 } } })
  let on = true
  const stop = () => {
    on = false
    for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
  }
  try {
    video.srcObject = stream
    await video.play()
    const read = await reader()
    void (async () => {
      while (on) {
        const text = await read(video).catch(() => null)
        if (on && text) found(text)
        await new Promise((done) => setTimeout(done, PAUSE_MS))
      }
    })()
  } catch (problem) {
    stop()
    throw problem
  }
  return stop
}

async function reader(): Promise<(video: HTMLVideoElement) => Promise<string | null>> {
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  const formats = (await Native?.getSupportedFormats().catch(() => null)) ?? []
  if (Native && formats.includes('qr_code')) {
    const detector = new Native({ formats: ['qr_code'] })
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null
  }
  const { default: jsQR } = await import('jsqr')
  const canvas = document.createElement('canvas')
  const drawing = canvas.getContext('2d', { willReadFrequently: true })!
  return async (video) => {
    if (!video.videoWidth) return null
    canvas.width = Math.min(WIDTH, video.videoWidth)
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth)
    drawing.drawImage(video, 0, 0, canvas.width, canvas.height)
    const { data, width, height } = drawing.getImageData(0, 0, canvas.width, canvas.height)
    return jsQR(data, width, height, { inversionAttempts: 'dontInvert' })?.data ?? null
  }
}
