/** Servers to try the cases on: any dialect as DIALECTS records it, our own with a planted bug, and what is no server at all. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { DialectServer } from '../../../spec/dialects/server.ts'
import { enframe } from '../../../spec/dialects/stream.ts'
import type { Mode } from '../../../spec/language.ts'
import { DEMO_KEYRING } from '../../../src/cli/keyring.ts'
import { nodeCrypto } from '../../../src/index.ts'
import type { listen } from '../../../src/net/index.ts'
import { loadVariant, type Replacement } from '../process/variants.ts'

export interface Running {
  readonly port: number
  stop(): Promise<void>
}

/** Whatever `meet` makes of its connections. */
export const serve = (meet: (socket: Socket) => void): Promise<Running> =>
  new Promise((resolve) => {
    const sockets = new Set<Socket>()
    const server: Server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}) // whoever asks may go away at any time
      meet(socket)
    })
    server.listen(0, '127.0.0.1', () => {
      const stop = (): Promise<void> =>
        new Promise((done) => {
          for (const s of sockets) s.destroy()
          server.close(() => done())
        })
      resolve({ port: (server.address() as { port: number }).port, stop })
    })
  })

/** `replacements`: a planted bug in spec/dialects/server.ts. */
export const serveDialect = async (
  dialect: Dialect,
  replacements: readonly Replacement[] = [],
  keyring: ReadonlyMap<number, Uint8Array> = DEMO_KEYRING,
): Promise<Running> => {
  const variant =
    replacements.length === 0
      ? { DialectServer }
      : ((await loadVariant(
          replacements,
          'spec/dialects/server.ts',
        )) as unknown as typeof import('../../../spec/dialects/server.ts'))
  const server = new variant.DialectServer({ followers: new Followers(dialect), keyring, expects: 2 })
  const seconds = (): number => Date.now() / 1000
  const ticking = dialect.waits.kind === 'no' ? undefined : setInterval(() => server.tick(seconds()), 20)
  const running = await serve((socket) => {
    socket.write(dialect.banners.s2c)
    const line = server.accept({
      send: (frame) => socket.write(enframe(dialect.framing, frame)) || true,
      random: (bytes) => randomBytes(bytes),
      accepted() {},
      rejected() {},
      ended: () => void socket.end(),
    })
    socket.on('data', (chunk: Buffer) => server.receive(line, chunk, seconds()))
    socket.on('close', () => server.close(line))
  })
  const stop = async (): Promise<void> => {
    clearInterval(ticking)
    await running.stop()
  }
  return { ...running, stop }
}

/** A server of a dialect that answers a DATA whose tag is wrong as if it had taken it. */
export const ANSWERS_ALL: Replacement = {
  file: 'spec/dialects/server.ts',
  find: "    if (judgement.kind === 'bad') {\n",
  replace:
    "    if (judgement.kind === 'bad' && judgement.reason === 'bad-tag' && position.phase === 'ACTIVE') {\n      this.#respond(line, [1], 1)\n      return\n    }\n    if (judgement.kind === 'bad') {\n",
}

/** Our own server over src/net, with these replacements. */
export const serveOwn = async (mode: Mode, replacements: readonly Replacement[]): Promise<Running> => {
  const net = (await loadVariant(replacements, 'src/net/index.ts')) as unknown as { readonly listen: typeof listen }
  const options = { host: '127.0.0.1', port: 0, mode, keyring: DEMO_KEYRING, crypto: nodeCrypto, limits: {} }
  const listening = await net.listen(options, () => {})
  if (listening.kind === 'failed') throw listening.error
  return { port: listening.port, stop: async () => void (await listening.stop()) }
}
