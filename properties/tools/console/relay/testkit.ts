/** For the tests beside: the relay in this process between real clients and a real server. */
import { PassThrough } from 'node:stream'
import { afterEach } from 'vitest'
import { DEMO_KEYRING } from '../../../../src/cli/keyring.ts'
import type { Terminal } from '../../../../src/cli/terminal.ts'
import { nodeCrypto, type Outcome } from '../../../../src/index.ts'
import { dial, listen, type Run } from '../../../../src/net/index.ts'
import { pipePrompter } from '../prompter.ts'
import { mitm } from './main.ts'

export const HOST = '127.0.0.1'

/** Keeps what is said, and lets a test wait for it. */
export const listening = () => {
  const said: string[] = []
  const wakes = new Set<() => void>()
  const note = (line: string): void => {
    said.push(line)
    for (const wake of wakes) wake()
  }
  const terminal: Terminal = { out: note, err: note, paintOut: (_, t) => t, paintErr: (_, t) => t }
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(said.join('\n'))
      if (found !== null) return found
      await new Promise<void>((resolve) => wakes.add(resolve))
    }
  }
  return { said, terminal, until, text: () => said.join('\n') }
}

export const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

export const server = async (): Promise<number> => {
  const it = await listen({ host: HOST, port: 0, mode: 'bound', keyring: DEMO_KEYRING, crypto: nodeCrypto }, () => {})
  if (it.kind === 'failed') throw it.error
  stops.push(() => it.stop())
  return it.port
}

/** The command in this process, listening on any free port. */
export const relay = async (upstream: number, ...argv: string[]) => {
  const heard = listening()
  let end: () => void = () => {}
  const stop = new Promise<void>((resolve) => {
    end = resolve
  })
  let now = 1_700_000_000_000
  const input = new PassThrough()
  const args = ['--listen', '0', '--upstream', `${HOST}:${upstream}`, ...argv]
  const code = mitm(args, {
    terminal: heard.terminal,
    stop,
    clock: () => now++,
    prompter: () => ({ prompter: pipePrompter(input, (c) => heard.terminal.out(`> ${c}`)), noMore: 'rest' }),
  })
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
