/** For the tests beside: the command in this process, with its commands as lines, against a server over TCP. */
import { Readable } from 'node:stream'
import { afterEach } from 'vitest'
import type { Mode } from '../../../../spec/language.ts'
import { DEMO_KEYRING } from '../../../../src/cli/keyring.ts'
import type { Terminal } from '../../../../src/cli/terminal.ts'
import { nodeCrypto } from '../../../../src/index.ts'
import { type Listening, listen } from '../../../../src/net/index.ts'
import { pipePrompter } from '../prompter.ts'
import { attack } from './main.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

export type Serving = Extract<Listening, { kind: 'listening' }>

/** A server, or a changed one, that holds the demo keys. */
export const serving = async (mode: Mode = 'bound', listenWith: typeof listen = listen): Promise<Serving> => {
  const options = { host: '127.0.0.1', port: 0, mode, keyring: DEMO_KEYRING, crypto: nodeCrypto, closingMs: 100 }
  const it = await listenWith(options, () => {})
  if (it.kind === 'failed') throw it.error
  return it
}

/** The port of one that stops with the test. */
export const server = async (mode: Mode = 'bound', listenWith: typeof listen = listen): Promise<number> => {
  const { port, stop } = await serving(mode, listenWith)
  stops.push(stop)
  return port
}

/** Runs the command to its end. What is said lies in `out`, results and complaints in the order in which they came. */
export const run = async (argv: readonly string[], lines: readonly string[], forgiving = false) => {
  const said: string[] = []
  const note = (line: string): void => void said.push(line)
  const terminal: Terminal = { out: note, err: note, paintOut: (_, t) => t, paintErr: (_, t) => t }
  const input = Readable.from(lines.map((l) => `${l}\n`))
  const code = await attack(argv, {
    terminal,
    prompter: () => pipePrompter(input, (c) => note(`> ${c}`)),
    forgiving,
    freshSeed: () => 7,
    stop: new Promise(() => {}),
  })
  return { code, out: said.join('\n'), said }
}
