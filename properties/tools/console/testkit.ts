/** For the tests of the consoles: the commands in this process, between real clients and a real server. */
import { PassThrough, Readable } from 'node:stream'
import { afterEach } from 'vitest'
import type { Mode } from '../../../spec/language.ts'
import { DEMO_KEYRING } from '../../../src/cli/keyring.ts'
import { nodeCrypto, type Outcome } from '../../../src/index.ts'
import { dial, type Listening, listen, type Run } from '../../../src/net/index.ts'
import { perform, type Screen } from '../../harness/terminal/command.ts'
import { attack } from './attack/attack.ts'
import { mitm } from './relay/mitm.ts'
import { pipePrompter, type Surroundings } from './surroundings.ts'

export const HOST = '127.0.0.1'

/** Keeps what is said, results and complaints in the order in which they came, and lets a test wait for it. */
export const listening = (columns?: number) => {
  const said: string[] = []
  const wakes = new Set<() => void>()
  const note = (line: string): void => {
    said.push(line)
    for (const wake of wakes) wake()
  }
  const progress = () => ({ show() {}, clear() {} })
  const screen: Screen = { say: note, complain: note, paint: (t) => t, progress, columns }
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(said.join('\n'))
      if (found !== null) return found
      await new Promise<void>((resolve) => wakes.add(resolve))
    }
  }
  return { said, screen, until, text: () => said.join('\n') }
}

export const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

export type Serving = Extract<Listening, { kind: 'listening' }>

/** A server, or a changed one, that holds the demo keys. */
export const serving = async (mode: Mode = 'bound', listenWith: typeof listen = listen): Promise<Serving> => {
  const options = { host: HOST, port: 0, mode, keyring: DEMO_KEYRING, crypto: nodeCrypto, closingMs: 100 }
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

const around = (input: Readable, stop: Promise<unknown>, interactive = false): Surroundings => {
  let now = 1_700_000_000_000
  return {
    stop,
    prompter: (screen) => pipePrompter(input, (c) => screen.say(`> ${c}`)),
    interactive,
    freshSeed: () => 7,
    clock: () => now++,
  }
}

/** Runs `attack` to its end, with its commands as lines. */
export const run = async (argv: readonly string[], lines: readonly string[], interactive = false, columns?: number) => {
  const { said, screen, text } = listening(columns)
  const input = Readable.from(lines.map((l) => `${l}\n`))
  const code = await perform(attack(around(input, new Promise(() => {}), interactive)), argv, screen)
  return { code, out: text(), said }
}

/** Runs `mitm` where it is to end at once. */
export const refusedMitm = async (...argv: readonly string[]) => {
  const { said, screen, text } = listening()
  const code = await perform(mitm(around(new PassThrough(), Promise.resolve())), argv, screen)
  return { code, said, text: text() }
}

/** `mitm`, listening on any free port; `columns`: of its screen. */
export const relay = (upstream: number, ...argv: string[]) => relayAt(undefined, upstream, ...argv)
export const relayAt = async (columns: number | undefined, upstream: number, ...argv: string[]) => {
  const heard = listening(columns)
  let end: () => void = () => {}
  const stop = new Promise<void>((resolve) => {
    end = resolve
  })
  const input = new PassThrough()
  const args = ['--listen', '0', '--upstream', `${HOST}:${upstream}`, ...argv]
  const code = perform(mitm(around(input, stop)), args, heard.screen)
  const finish = async (): Promise<number> => {
    end()
    return code
  }
  stops.push(finish)
  const [, port] = await heard.until(/listening on 127\.0\.0\.1:(\d+)/)
  return { ...heard, port: Number(port), input, finish, code }
}

/** A real client; `outcome` resolves with the next thing that happens to it and fits. */
export const joined = (port: number, id = 1) => {
  const outcomes: Outcome[] = []
  const wakes = new Set<() => void>()
  const options = { id, masterKey: DEMO_KEYRING.get(id)!, mode: 'bound', crypto: nodeCrypto, host: HOST, port } as const
  const run: Run = dial({ ...options, closingMs: 100 }, (o) => {
    outcomes.push(o)
    for (const wake of wakes) wake()
  })
  const outcome = async (kind: string): Promise<Outcome> => {
    for (;;) {
      const found = outcomes.find((o) => o.kind === kind || (o.kind === 'accepted' && o.content.kind === kind))
      if (found !== undefined) return outcomes.splice(outcomes.indexOf(found), 1)[0]!
      await new Promise<void>((resolve) => wakes.add(resolve))
    }
  }
  stops.push(async () => run.finish())
  return { run, outcome }
}
