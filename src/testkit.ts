/** For the tests beside: transports that keep what they carry, and a server with clients on them. */
import type { Keyring } from './checks.ts'
import { ClientSession } from './client-session.ts'
import { type Crypto, nodeCrypto, type Rng } from './crypto.ts'
import { withPrefix } from './frame.ts'
import { initialKeys, type Keys, type Mode } from './keys.ts'
import type { Content, Limits, Outcome, Port } from './outcome.ts'
import { seal } from './primitives.ts'
import { Server } from './server.ts'
import type { Active } from './server-session.ts'

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

export const KEYRING = new Map([1, 2, 3].map((id) => [id, new Uint8Array(16).fill(id)]))

/** Distinct bytes for every draw of every stream. */
export const countingRng = (stream: number): Rng => {
  let draws = 0
  return (bytes) => new Uint8Array(bytes).fill(++draws).fill(stream, 0, 4)
}

/** All four keys. */
export const keysIn = ({ c2s, s2c }: Keys): Uint8Array[] => [c2s.enc, c2s.mac, s2c.enc, s2c.mac]

export const CONTROL = Uint8Array.of(0)

export const altered = (frame: Uint8Array, at: number): Uint8Array => {
  const copy = frame.slice()
  copy[copy.length + at]! ^= 1
  return copy
}

/** Seals blocks that are no valid padding. */
export const unpadded: Crypto = {
  ...nodeCrypto,
  aesEncrypt: (k, iv) => nodeCrypto.aesEncrypt(k, iv, new Uint8Array(16)),
}

/** A HELLO of client 1, valid but for what is given. */
export const hello = (
  text: Uint8Array = CONTROL,
  header: Partial<{ opcode: number; id: number; round: number; direction: number }> = {},
  crypto: Crypto = nodeCrypto,
): Uint8Array => {
  const { c2s } = initialKeys(nodeCrypto, KEYRING.get(1)!)
  return seal(crypto, c2s, countingRng(9), { opcode: 10, id: 1, round: 0, direction: 1, ...header }, text)
}

/** Keeps frames until they are taken, and a log of everything in the order in which it happened. */
export class Wire {
  frames: Uint8Array[] = []
  log: string[] = []
  contents: Content[] = []
  up = true
  readonly port: Port = {
    send: (frame) => {
      if (!this.up) return false
      this.frames.push(frame)
      this.log.push(`sent ${frame[0]}`)
      return true
    },
    report: (outcome) => {
      this.log.push(said(outcome))
      if (outcome.kind === 'accepted') this.contents.push(outcome.content)
    },
  }
}

const said = (outcome: Outcome): string => {
  switch (outcome.kind) {
    case 'accepted':
      return `accepted ${outcome.content.kind}`
    case 'rejected':
      return `rejected ${outcome.reason}`
    case 'ended':
      return `ended ${outcome.by}`
  }
}

/** What a server begins with. */
interface Furnishing {
  readonly challengeText?: string
  readonly keyring?: Keyring
  readonly hellos?: number // accepted so far
}

/** A server, and pairs of a client and its connection that exchange frames on request. */
export const house = (
  mode: Mode = 'bound',
  limits: Partial<Limits> = {},
  crypto = nodeCrypto,
  { challengeText, keyring = KEYRING, hellos = 0 }: Furnishing = {},
) => {
  const options = { mode, keyring, crypto, limits, ...(challengeText !== undefined && { challengeText }) }
  const attach = (): never => {
    throw new RangeError('a server without connections has none to attach')
  }
  const server = new Server(options, { snapshot: { hellos, connections: [] }, attach })
  let streams = 0
  const pair = (id: number, now = 0) => {
    const [down, up] = [new Wire(), new Wire()] // of the connection, of the client
    const connection = server.open(down.port, countingRng(++streams), now)
    const masterKey = keyring.get(id)!
    const rng = countingRng(++streams)
    const client = new ClientSession({ id, masterKey, mode, crypto, rng, limits }, up.port)
    const feed = (frame: Uint8Array, at = now) => server.receive(connection, withPrefix(frame), at)
    const serve = (frame: Uint8Array) => client.receive(withPrefix(frame))
    /** Delivers everything until both are quiet. */
    const pump = (at = now) => {
      while (up.frames.length + down.frames.length > 0) {
        for (const frame of up.frames.splice(0)) feed(frame, at)
        for (const frame of down.frames.splice(0)) serve(frame)
      }
    }
    const active = () => connection.state as Active
    /** A frame to the server under the keys of this session, valid but for what is given. */
    const forge = (
      opcode: number,
      plaintext: Uint8Array,
      header: Partial<{ id: number; round: number; direction: number }> = {},
    ) => {
      const { keys, round } = active()
      return seal(nodeCrypto, keys.c2s, rng, { opcode, id, round, direction: 1, ...header }, plaintext)
    }
    return { down, up, connection, client, feed, serve, pump, active, forge }
  }
  /** A pair after its handshake and, when there are values, a first submission. */
  const joined = (id: number, values: readonly number[] = [], now = 0) => {
    const p = pair(id, now)
    p.client.start(now)
    p.pump()
    if (values.length > 0) p.client.submit(values, now)
    p.pump()
    p.up.log.length = p.down.log.length = 0
    return p
  }
  return { server, pair, joined }
}

export type Pair = ReturnType<ReturnType<typeof house>['pair']>
