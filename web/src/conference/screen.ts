/** Choosing what of this machine's screen everybody is shown. */

/** Tablets and phones cannot. */
export const canShare = typeof navigator.mediaDevices?.getDisplayMedia === 'function'

/** The window or screen that the person chose in the browser's own dialog; null when they chose none. A page of text is sharper with few
    frames than smooth with many. */
export async function chooseScreen(): Promise<MediaStreamTrack | null> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 10, max: 15 } }, audio: false })
    return stream.getVideoTracks()[0] ?? null
  } catch (thrown) {
    if (thrown instanceof DOMException && (thrown.name === 'NotAllowedError' || thrown.name === 'AbortError')) return null
    throw thrown
  }
}
