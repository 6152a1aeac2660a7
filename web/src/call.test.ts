import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Call } from './call'

interface Encoding {
  rid?: string
  active?: boolean
}

/** As much of a browser's connection as a call asks for; it answers and stands at once. */
class Connection {
  static made: Connection[] = []
  readonly transceivers: { mid: string; direction: string; kind: string; encodings: Encoding[]; sender: object; receiver: object }[] = []
  connectionState = 'connected'
  localDescription = { sdp: 'offer' }

  constructor(readonly configuration: RTCConfiguration) {
    Connection.made.push(this)
  }

  addTransceiver(kind: string, { direction, sendEncodings = [{}] }: { direction: string; sendEncodings?: Encoding[] }) {
    const encodings = sendEncodings.map((encoding) => ({ ...encoding, active: true }))
    const one = {
      mid: String(this.transceivers.length),
      direction,
      kind,
      encodings,
      sender: {
        replaceTrack: () => (this.connectionState === 'closed' ? Promise.reject(new Error('closed')) : Promise.resolve()),
        getParameters: () => ({ encodings: encodings.map((encoding) => ({ ...encoding })) }),
        setParameters: async (parameters: { encodings: Encoding[] }) => void encodings.splice(0, encodings.length, ...(parameters.encodings as never[])),
      },
      receiver: { track: { kind }, transport: null },
    }
    this.transceivers.push(one)
    return one
  }

  getTransceivers = () => this.transceivers
  createOffer = async () => ({ sdp: 'offer' })
  setLocalDescription = async () => undefined
  setRemoteDescription = async () => undefined
  close = () => (this.connectionState = 'closed')

  /** What is sent of the microphone, the camera's layers and the screen. */
  sent(): Record<string, boolean | undefined> {
    const [mic, camera, screen] = this.transceivers
    return Object.fromEntries([...mic!.encodings.map((e) => ['mic', e.active]), ...camera!.encodings.map((e) => [e.rid, e.active]), ...screen!.encodings.map((e) => ['screen', e.active])])
  }
}

const answer = async () => ({ sdp: 'a=fingerprint:node' })

beforeEach(() => {
  Connection.made = []
  const side = { getCapabilities: () => ({ codecs: [] }) }
  vi.stubGlobal('RTCPeerConnection', Connection)
  vi.stubGlobal('RTCRtpSender', side)
  vi.stubGlobal('RTCRtpReceiver', side)
})
afterEach(() => vi.unstubAllGlobals())

test('what nobody watches is not sent, and at once again when somebody does', async () => {
  const call = new Call(answer, { video: 1, audio: 1 })
  await call.start()
  const [connection] = Connection.made
  expect(connection!.sent()).toEqual({ mic: true, f: true, h: true, q: true, screen: true })

  call.pause([
    { kind: 'mic', layer: null },
    { kind: 'camera', layer: 'q' },
    { kind: 'screen', layer: null },
  ])
  await vi.waitFor(() => expect(connection!.sent()).toEqual({ mic: false, f: false, h: false, q: true, screen: false }))

  call.pause([{ kind: 'camera', layer: 'f' }, { kind: 'mic', layer: 'q' }])
  await vi.waitFor(() => expect(connection!.sent()).toEqual({ mic: true, f: true, h: true, q: true, screen: false }))
})

test('what is said of a source that is not sent does no harm', async () => {
  const call = new Call(answer, { video: 1, audio: 0, receiveOnly: true })
  call.pause([{ kind: 'camera', layer: null }])
  await call.start()
  call.pause([{ kind: 'camera', layer: null }])
  await expect(call.setScreen(null)).resolves.toBeUndefined()
})

test('TURN servers reach the connection; a call that is over takes a track without a word', async () => {
  const iceServers = [{ urls: ['turn:meet.example?transport=tcp'], username: 'a', credential: 'b' }]
  const call = new Call(answer, { video: 0, audio: 0, iceServers })
  await call.start()
  expect(Connection.made[0]!.configuration.iceServers).toEqual(iceServers)
  call.close()
  await expect(call.setCamera(null)).resolves.toBeUndefined()
})
