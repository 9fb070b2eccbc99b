/** `npm run client`. */
import { clearScreenDown, createInterface, cursorTo, type Interface } from 'node:readline'
import type { Readable } from 'node:stream'
import { nodeCrypto } from '../index.ts'
import { CLOSING_MS, dial } from '../net/index.ts'
import { formatIds, keyringFrom } from './keyring.ts'
import {
  closingMsFrom,
  given,
  integer,
  type LimitOption,
  limitsFrom,
  orComplain,
  portFrom,
  UserError,
} from './options.ts'
import { Talk, type Voice } from './talk.ts'
import { type Terminal, warn } from './terminal.ts'

const LIMITS: readonly LimitOption[] = ['challenge-ms', 'response-ms']

const CLIENT_USAGE = `npm run client -- ID [options]
  ID                        who to be, 1..255
  --host ADDRESS            the server (default 127.0.0.1)
  --port N                  (default 9999)
  --keys FILE               keyring with the key of this client
                            (default: the demo keys of clients 1-5)
  --mode bound|literal      as the server has it (default bound)
  --challenge-ms N          patience with connecting and the CHALLENGE
                            (default 5000)
  --response-ms N           patience with an answer (default 10000)
  --closing-ms N            patience with a server that does not close
                            (default 1000)
Reads lines of numbers separated by commas, from you or from a pipe; each line
is one submission. quit, Ctrl-D or Ctrl-C ends.
Exit codes: 0 done, 1 server gone, timeout or rejected, 2 usage.`

/** Where lines come from; interactive when both are terminals. */
export interface Streams {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/** Converses until the talk ends, or `stop` resolves. Resolves with the exit code. */
export const converse = (
  argv: readonly string[],
  terminal: Terminal,
  streams: Streams,
  stop: Promise<unknown>,
): Promise<number> =>
  orComplain(terminal, async () => {
    const options = given(argv, ['host', 'port', 'keys', 'mode', 'closing-ms', ...LIMITS])
    if (options.help) {
      terminal.out(CLIENT_USAGE)
      return 0
    }
    const [first, ...more] = options.positionals
    const id = integer('client id', first, 1, 255)
    if (id === undefined) throw new UserError('client id: expected one, as in npm run client -- 1, got none')
    if (more.length > 0) throw new UserError(`arguments: expected one client id, got also ${more[0]}`)
    const host = options.text('host') ?? '127.0.0.1'
    const [port, mode] = [portFrom(options, 1), options.mode()]
    const [limits, closingMs] = [limitsFrom(options, LIMITS), closingMsFrom(options, CLOSING_MS)]
    const { keyring, warning } = keyringFrom(options.text('keys'))
    const masterKey = keyring.get(id)
    if (masterKey === undefined)
      throw new UserError(`client id: expected one with a key (${formatIds(keyring.keys())}), got ${id}`)
    if (warning !== null) warn(terminal, warning)

    const interactive = streams.input.isTTY === true && streams.output.isTTY === true
    const { input, output } = streams
    const lines = interactive
      ? createInterface({ input, output, historySize: 1_000, removeHistoryDuplicates: true })
      : createInterface({ input, terminal: false })
    return new Promise((resolve) => {
      const over = (code: number): void => {
        lines.close()
        input.destroy() // one that is only paused would keep the process
        resolve(code)
      }
      const voice = interactive ? prompting(terminal, lines, output, id, over) : piping(terminal, lines, over)
      const settings = { id, masterKey, mode, crypto: nodeCrypto, limits, host, port, closingMs }
      const talk = new Talk(
        { id, server: `${host}:${port}`, numbered: !interactive },
        (report) => dial(settings, report),
        voice,
      )
      lines.on('line', (text) => {
        if (!interactive) lines.pause() // until the talk asks for more: a pipe can hold any amount
        talk.line(text)
      })
      lines.on('SIGINT', () => talk.quit())
      lines.on('close', () => talk.end())
      void stop.then(() => talk.quit())
      if (interactive) terminal.err('Numbers separated by commas, Enter submits; quit or Ctrl-D ends.')
      talk.start()
    })
  })

/** At a prompt that stays in place, with what is being typed, when something is said meanwhile. */
const prompting = (
  terminal: Terminal,
  lines: Interface,
  output: NodeJS.WritableStream,
  id: number,
  over: (code: number) => void,
): Voice => {
  let asking = false
  const aside = (print: () => void): void => {
    cursorTo(output, 0)
    clearScreenDown(output)
    print()
    if (asking) lines.prompt(true)
  }
  lines.on('line', () => {
    asking = false
  })
  return {
    result: (text) => aside(() => terminal.out(terminal.paintOut('green', text))),
    note: (text) => aside(() => terminal.err(terminal.paintErr('yellow', text))),
    ask: (round) => {
      asking = true
      lines.setPrompt(`client ${id}, round ${round}> `)
      lines.prompt(true)
    },
    over: (code) => {
      asking = false
      aside(() => {})
      over(code)
    },
  }
}

const piping = (terminal: Terminal, lines: Interface, over: (code: number) => void): Voice => ({
  result: (text) => terminal.out(text),
  note: (text) => terminal.err(terminal.paintErr('yellow', text)),
  ask: () => lines.resume(),
  over,
})
