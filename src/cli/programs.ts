/** For the tests beside: the programs as processes, and waiting for what they print. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

const cleanups: (() => unknown)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

export class Program {
  readonly child: ChildProcessWithoutNullStreams
  out = ''
  err = ''
  readonly exit: Promise<number | null>
  #wake: () => void = () => {}

  /** A program of this folder by its name, or of another by its file. */
  constructor(
    program: 'server' | 'client' | 'keys' | URL,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    const file = fileURLToPath(typeof program === 'string' ? new URL(`./${program}.ts`, import.meta.url) : program)
    this.child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { env: { ...process.env, ...env } })
    this.child.stdout.on('data', (d) => {
      this.out += d
      this.#wake()
    })
    this.child.stderr.on('data', (d) => {
      this.err += d
      this.#wake()
    })
    this.child.stdin.on('error', () => {}) // it may exit before it has read everything
    this.exit = new Promise((resolve) =>
      this.child.on('close', (code) => {
        resolve(code)
        this.#wake()
      }),
    )
    cleanups.push(() => this.child.kill('SIGKILL'))
  }

  /** The first match in everything printed so far or later. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out) ?? pattern.exec(this.err)
      if (match) return match
      if (this.child.exitCode !== null)
        throw new Error(`ended with ${this.child.exitCode} before ${pattern}: ${this.out}${this.err}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  say(text: string): void {
    this.child.stdin.write(text)
  }

  end(text = ''): Promise<number | null> {
    this.child.stdin.end(text)
    return this.exit
  }
}

export const serve = async (...args: string[]) => {
  const server = new Program('server', ['--port', '0', ...args])
  const [, port] = await server.until(/listening on 127\.0\.0\.1:(\d+)|"port":(\d+)/)
  return { server, port: port ?? /"port":(\d+)/.exec(server.out)![1]! }
}
export const client = (id: number, port: string, ...args: string[]) =>
  new Program('client', [String(id), '--port', port, ...args])

export const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'running-'))
  cleanups.push(() => rmSync(path, { recursive: true }))
  return path
}
