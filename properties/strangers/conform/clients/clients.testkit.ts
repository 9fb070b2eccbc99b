/** Clients to try the cases on, in this process: our own with a planted bug, and those of any dialect. */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { DialectClient } from '../../../../spec/dialects/client.ts'
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { Followers } from '../../../../spec/dialects/follower.ts'
import { enframe } from '../../../../spec/dialects/stream.ts'
import type { Mode } from '../../../../spec/language.ts'
import { DEMO_KEYRING } from '../../../../src/cli/keyring.ts'
import { nodeCrypto } from '../../../../src/index.ts'
import type { dial } from '../../../../src/net/index.ts'
import { loadVariant, type Replacement } from '../../../harness/process/variants.ts'
import type { Launch } from './host.ts'

const numbers = (line: string): readonly number[] => line.split(',').map(Number)

/** Our own client over src/net, with these replacements; it waits for `overdueMs` where PROTOCOL has seconds. */
export const ownClient = async (
  mode: Mode,
  replacements: readonly Replacement[],
  overdueMs: number,
): Promise<Launch> => {
  const net = (await loadVariant(replacements, 'src/net/index.ts')) as unknown as { readonly dial: typeof dial }
  return (port, id, lines) => {
    const left = [...lines]
    const said: string[] = []
    let finish = (): void => {}
    const ended = new Promise<string>((resolve) => {
      const limits = { challengeMs: overdueMs, responseMs: overdueMs }
      const masterKey = DEMO_KEYRING.get(id)!
      const run = net.dial(
        { id, masterKey, mode, crypto: nodeCrypto, limits, host: '127.0.0.1', port },
        (o) => {
          if (o.kind === 'ended') said.push(`ended: ${o.by}`)
          if (o.kind !== 'accepted' || (o.content.kind !== 'challenge' && o.content.kind !== 'aggregate')) return
          const line = left.shift()
          if (line === undefined) run.finish()
          else run.submit(numbers(line))
        },
        () => resolve('exit code 0'),
      )
      finish = () => run.finish()
    })
    return { ended, printed: () => said, stop: () => finish() }
  }
}

/** What a client prints: of a frame that it refuses, and when the server ended it. */
interface Words {
  rejected(frame: Uint8Array | null): string
  readonly ended: string
}

export const dialectClient =
  (dialect: Dialect, words: Words | null = null): Launch =>
  (port, id, lines) => {
    const left = [...lines]
    const said: string[] = []
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    socket.on('error', () => {})
    const next = (): void => {
      const line = left.shift()
      if (line === undefined) client.finish()
      else client.submit(numbers(line))
    }
    let seen = 0
    const client: DialectClient = new DialectClient(new Followers(dialect), id, DEMO_KEYRING.get(id)!, {
      send: (frame) => socket.write(enframe(dialect.framing, frame)) || true,
      random: (bytes) => randomBytes(bytes),
      accepted: () => void seen++,
      rejected: (frame) => void (words && said.push(words.rejected(frame))),
      ended: (by) => {
        if (words !== null && by === 'peer') said.push(words.ended)
        socket.end()
      },
    })
    socket.on('data', (chunk: Buffer) => {
      const before = seen
      client.receive(chunk)
      if (seen > before && client.position.phase === 'ACTIVE' && client.position.outstanding === null) next()
    })
    const ended = new Promise<string>((resolve) => {
      socket.on('end', () => socket.end())
      socket.on('close', () => resolve('exit code 0'))
    })
    return { ended, printed: () => said, stop: () => void socket.destroy() }
  }
