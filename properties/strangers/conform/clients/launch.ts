/** A client on trial: started for each conversation, given its lines, and gone afterwards. */
import { spawn } from 'node:child_process'
import { endGroup } from '../../../harness/programs.ts'
import { quoted } from '../../../harness/terminal/invocation.ts'
import { printable } from '../../../harness/terminal/text.ts'

export interface Launched {
  /** How it ended: `exit code 0`, or the name of a signal. */
  readonly ended: Promise<string>
  /** What it printed so far, line by line, fit for a terminal. */
  printed(): readonly string[]
  /** Ends it; nothing of it stays. */
  stop(): void
}

/** Starts a client that connects to `port` of 127.0.0.1 as `id` and submits each of `lines`, then ends. */
export type Launch = (port: number, id: number, lines: readonly string[]) => Launched

const PRINTED = 40 // lines that are kept
const LAST_WORDS_MS = 500

/**
 * A shell command with `{port}` and `{id}` in it. Lines go to its standard input, which then ends; where `{values}`
 * is in it, they are its arguments instead.
 */
export const commandLaunch =
  (command: string): Launch =>
  (port, id, lines) => {
    const said: string[] = []
    const given = command
      .replaceAll('{port}', String(port))
      .replaceAll('{id}', String(id))
      .replaceAll('{values}', lines.map(quoted).join(' '))
    // A group of its own, so that whatever the shell starts ends with it.
    const child = spawn('sh', ['-c', given], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    child.stdin.on('error', () => {}) // it may not read
    child.stdin.end(command.includes('{values}') ? '' : lines.map((l) => `${l}\n`).join(''))
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        said.push(
          ...text
            .toString()
            .split('\n')
            .filter((l) => l.trim() !== '')
            .map(printable),
        )
        said.splice(0, said.length - PRINTED)
      })
    const ended = new Promise<string>((resolve) => {
      child.on('error', (e) => resolve(e.message))
      child.on('exit', (code, signal) => {
        const how = signal ?? `exit code ${code}`
        // What it printed last may still be on its way; a process that it left behind may hold the pipe for ever.
        child.once('close', () => resolve(how))
        setTimeout(() => resolve(how), LAST_WORDS_MS).unref()
      })
    })
    return {
      ended,
      printed: () => said,
      stop() {
        // What it started may outlive it; and it may have left its group.
        if (!endGroup(child.pid) && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      },
    }
  }
