/** For the tests beside: the commands inside this process, on screens that the test reads. */
import { PassThrough } from 'node:stream'
import { cleanups } from '../net/testkit.ts'
import { converse } from './converse.ts'
import { serve } from './serve.ts'
import type { Terminal } from './terminal.ts'

const { setTimeout, clearTimeout } = globalThis // those of the machine, whatever a test puts there
const PATIENCE_MS = 10_000

/** Everything printed to one screen, and waiting for it. */
export class Screen {
  text = ''
  #wake: () => void = () => {}
  readonly terminal: Terminal = {
    out: (line) => this.print(`${line}\n`),
    err: (line) => this.print(`${line}\n`),
    paintOut: (how, text) => `<${how}>${text}</>`,
    paintErr: (how, text) => `<${how}>${text}</>`,
  }
  print(text: string): void {
    this.text += text
    this.#wake()
  }
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text)
      if (match) return match
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${pattern} on ${this.text}`)), PATIENCE_MS)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

/** `npm run server` inside this process; `end` stops it and resolves with its exit code. */
export const started = async (...args: string[]) => {
  const screen = new Screen()
  let halt = (_: string): void => {}
  const stop = new Promise<string>((resolve) => {
    halt = resolve
  })
  const code = serve(args, screen.terminal, stop)
  const end = () => {
    halt('test')
    return code
  }
  cleanups.push(end)
  const [, port, inJson] = await screen.until(/listening on [\d.]+:(\d+)|"port":(\d+)/)
  return { screen, end, port: (port ?? inJson)! }
}

/** `npm run client` at a prompt that the test types at. */
export const prompt = (...args: string[]) => {
  const screen = new Screen()
  const input = Object.assign(new PassThrough(), { isTTY: true })
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 120 })
  output.on('data', (d) => screen.print(String(d)))
  let halt = (): void => {}
  const stop = new Promise<void>((resolve) => {
    halt = resolve
  })
  cleanups.push(() => halt())
  const code = converse(args, screen.terminal, { input, output }, stop)
  return { screen, input, code }
}

/** `npm run client` at the end of a pipe. */
export const piped = (text: string, ...args: string[]) => {
  const screen = new Screen()
  const input = new PassThrough()
  if (text !== '') input.write(text)
  const never = new Promise<never>(() => {})
  const code = converse(args, screen.terminal, { input, output: new PassThrough() }, never)
  cleanups.push(() => input.end('quit\n'))
  return { screen, input, code }
}
