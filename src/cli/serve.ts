/** `npm run server`. */
import { nodeCrypto } from '../index.ts'
import { CLOSING_MS, type Listening, listen, wallTime } from '../net/index.ts'
import { formatIds, keyringFrom } from './keyring.ts'
import { closingMsFrom, given, type LimitOption, limitsFrom, orComplain, portFrom, UserError } from './options.ts'
import { asLine, asObject } from './server-log.ts'
import { type Terminal, warn } from './terminal.ts'

const LIMITS: readonly LimitOption[] = [
  'unconfirmed-per-id',
  'connections',
  'retained-rounds',
  'hello-ms',
  'unconfirmed-ms',
  'idle-ms',
]

const SERVER_USAGE = `npm run server -- [options]
  --host ADDRESS            where to listen (default 127.0.0.1)
  --port N                  0: any free one (default 9999)
  --keys FILE               keyring, as made by npm run keys
                            (default: the demo keys of clients 1-5)
  --mode bound|literal      literal leaves out the session binding and is
                            insecure (default bound)
  --json                    log one JSON object a line
  --unconfirmed-per-id N    sessions of a client that have not submitted yet
                            (default 4)
  --connections N           connections at a time (default 1024)
  --retained-rounds N       newest rounds of a session whose values count
                            (default 64)
  --hello-ms N              patience with a connection that does not say HELLO
                            (default 5000)
  --unconfirmed-ms N        patience with a session that has not submitted yet
                            (default 120000)
  --idle-ms N               patience with a session since it last submitted
                            (default 600000)
  --closing-ms N            patience with a peer that does not close
                            (default 1000)
Ends with SIGINT (Ctrl-C) or SIGTERM. Exit codes: 0 stopped, 2 could not start.`

/** Serves until `stop` resolves with the name of what stopped it. Resolves with the exit code. */
export const serve = (argv: readonly string[], terminal: Terminal, stop: Promise<string>): Promise<number> =>
  orComplain(terminal, async () => {
    const options = given(argv, ['host', 'port', 'keys', 'mode', 'closing-ms', ...LIMITS], ['json'])
    if (options.help) {
      terminal.out(SERVER_USAGE)
      return 0
    }
    if (options.positionals.length > 0)
      throw new UserError(`arguments: expected options only, got ${options.positionals[0]}`)
    const host = options.text('host') ?? '127.0.0.1'
    const [port, mode] = [portFrom(options, 0), options.mode()]
    const [limits, closingMs] = [limitsFrom(options, LIMITS), closingMsFrom(options, CLOSING_MS)]
    const { keyring, demo, warning } = keyringFrom(options.text('keys'))
    const log = logTo(terminal, options.flag('json'))

    const listening = await listen({ host, port, mode, keyring, crypto: nodeCrypto, limits, closingMs }, (event) =>
      log(asObject(event), () => asLine(event, terminal.paintOut)),
    )
    if (listening.kind === 'failed') throw cannotListen(listening, host, port)
    if (warning !== null) warn(terminal, warning)
    log({ event: 'listening', host, port: listening.port, mode, demoKeys: demo, clients: [...keyring.keys()] }, () =>
      terminal.paintOut(
        'bold',
        `listening on ${host}:${listening.port}, mode ${mode}, clients ${formatIds(keyring.keys())}`,
      ),
    )
    if (mode === 'literal') warn(terminal, 'mode literal exists to be studied: recorded sessions replay in it.')

    const why = await stop
    log({ event: 'stopping', why }, () => `stopping (${why}): TERMINATE to every session`)
    await listening.stop()
    log({ event: 'stopped' }, () => 'stopped')
    return 0
  })

/** A log that stamps each entry with the time of day. */
const logTo =
  (terminal: Terminal, json: boolean) =>
  (object: Record<string, unknown>, line: () => string): void => {
    const time = wallTime().toISOString()
    if (json) terminal.out(JSON.stringify({ time, ...object }))
    else terminal.out(`${terminal.paintOut('dim', time.slice(11, 19))} ${line()}`)
  }

const cannotListen = ({ error }: Extract<Listening, { kind: 'failed' }>, host: string, port: number): UserError => {
  switch (error.code) {
    case 'EADDRINUSE':
      return new UserError(`--port: expected a free port of ${host}, got ${port}, which is in use`)
    case 'EACCES':
      return new UserError(`--port: expected a port that this user may open, got ${port}`)
    default:
      return new UserError(`--host: expected an address of this machine, got ${host} (${error.code ?? error.message})`)
  }
}
