/** Sealing a ballot for the counting board, and opening it: HPKE (RFC 9180) with P-256, HKDF-SHA256 and AES-128-GCM, bound to the vote by
    the manifest's hash. The library is loaded when it is first needed. */
import { type Bytes, hex, join, unhex, utf8 } from './bytes'

const POINT = 65

async function suite() {
  const { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } = await import('@hpke/core')
  return new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() })
}

/** `size` bytes are sealed, whatever the ballot says: its length tells nothing. */
export async function seal(boardKey: string, manifestHash: string, ballot: object, size: number): Promise<Bytes> {
  const text = utf8(JSON.stringify(ballot))
  if (text.length > size) throw new RangeError('ballot')
  const plain = join(text, new Uint8Array(size - text.length).fill(0x20))
  const hpke = await suite()
  const recipientPublicKey = await hpke.kem.deserializePublicKey(unhex(boardKey))
  const sender = await hpke.createSenderContext({ recipientPublicKey, info: unhex(manifestHash) })
  return join(new Uint8Array(sender.enc), new Uint8Array(await sender.seal(plain)))
}

/** Opens envelopes with the board's key: the ballot in each, null where there is none. */
export async function opener(boardKey: Bytes, manifestHash: string): Promise<(envelope: Bytes) => Promise<unknown>> {
  const hpke = await suite()
  const recipientKey = await hpke.kem.deserializePrivateKey(boardKey)
  const info = unhex(manifestHash)
  return async (envelope) => {
    try {
      const recipient = await hpke.createRecipientContext({ recipientKey, info, enc: envelope.slice(0, POINT) })
      const plain = await recipient.open(envelope.slice(POINT))
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain)) as unknown
    } catch {
      return null
    }
  }
}

/** A fresh key of the board: the scalar, and the public point in hex. */
export async function boardKey(): Promise<{ secret: Bytes; key: string }> {
  const hpke = await suite()
  const pair = await hpke.kem.generateKeyPair()
  const secret = new Uint8Array(await hpke.kem.serializePrivateKey(pair.privateKey))
  return { secret, key: hex(new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey))) }
}
