/** A moving picture of noise. An encoder cannot make it smaller, so it fills the rate that it is given. */

const WIDTH = 960
const HEIGHT = 540
const GRAIN = 480
const FRAMES_PER_S = 12

export interface TestCard {
  track: MediaStreamTrack
  stop(): void
}

export function testCard(): TestCard {
  const grain = noise()
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const pen = canvas.getContext('2d')!
  const timer = setInterval(() => {
    // Another part of the noise each time, further away than an encoder looks for movement.
    const left = -Math.floor(Math.random() * GRAIN)
    const top = -Math.floor(Math.random() * GRAIN)
    for (let x = left; x < WIDTH; x += GRAIN) for (let y = top; y < HEIGHT; y += GRAIN) pen.drawImage(grain, x, y)
  }, 1000 / FRAMES_PER_S)
  const track = canvas.captureStream(FRAMES_PER_S).getVideoTracks()[0]!
  return {
    track,
    stop() {
      clearInterval(timer)
      track.stop()
    },
  }
}

function noise(): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = GRAIN
  const pen = canvas.getContext('2d')!
  const image = pen.createImageData(GRAIN, GRAIN)
  for (let n = 0; n < image.data.length; n += 4) {
    image.data[n] = image.data[n + 1] = image.data[n + 2] = Math.random() * 255
    image.data[n + 3] = 255
  }
  pen.putImageData(image, 0, 0)
  return canvas
}
