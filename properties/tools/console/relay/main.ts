/** The `mitm` command, apart from the process around it. */
import { closeSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { orComplain, UserError } from '../../../../src/cli/options.ts'
import { type Terminal, warn } from '../../../../src/cli/terminal.ts'
import { framed } from '../../../harness/wire.ts'
import type { Prompter } from '../prompter.ts'
import { ByHand } from './by-hand.ts'
import { Middle } from './middle.ts'
import { type Endpoint, MITM_USAGE, type MitmOptions, parseMitmOptions } from './options.ts'
import { type Hand, opposite, type Policy } from './policy.ts'
import { Recording } from './recording.ts'
import { Script } from './script.ts'
import { transcriptText } from './transcript-file.ts'

export interface Surroundings {
  readonly terminal: Terminal
  /** Resolves when the command is to stop. */
  readonly stop: Promise<unknown>
  /** ms since 1970. */
  readonly clock: () => number
  /** For --ask. `noMore`: what it means when there are no more decisions. */
  readonly prompter: () => { readonly prompter: Prompter; readonly noMore: 'rest' | 'quit' }
}

const MOST_CONNECTIONS = 256 // one a client id, and one more

/** Relays until it is stopped. Resolves with the exit code. */
export const mitm = (argv: readonly string[], around: Surroundings): Promise<number> =>
  orComplain(around.terminal, async () => {
    const { terminal } = around
    const parsed = parseMitmOptions(argv)
    if (parsed === 'help') {
      terminal.out(MITM_USAGE)
      return 0
    }
    const { options, warning } = parsed
    const voice = voiceOf(terminal)
    const files = openFiles(options)
    const { pcapng, transcript } = files
    const recording = new Recording(around.clock, pcapng === null ? null : (bytes) => void writeSync(pcapng.fd, bytes))
    let quit: () => void = () => {}
    const told = new Promise<void>((resolve) => {
      quit = resolve
    })
    let prompter: Prompter | null = null
    const policy = (hand: Hand): Policy => {
      if (options.script !== null) return new Script(options.script, hand)
      if (!options.ask) return passing(hand)
      const asked = around.prompter()
      prompter = voice.around(asked.prompter)
      return new ByHand(hand, prompter, asked.noMore, quit)
    }
    const middle = new Middle({ ...options, most: MOST_CONNECTIONS, recording, say: voice.say, policy })
    const port = await middle.start().catch((e: NodeJS.ErrnoException) => {
      discard(files)
      throw cannotListen(e, options.listen)
    })
    if (warning !== null) warn(terminal, warning)
    const { listen, upstream } = options
    terminal.out(`listening on ${listen.host}:${port}, relaying to ${upstream.host}:${upstream.port}`)
    if (options.keyring === null) terminal.err('Without --keys what is in the frames stays secret.')

    await Promise.race([around.stop, told])
    ;(prompter as Prompter | null)?.close()
    await middle.stop()
    terminal.out(summary(recording, options))
    if (transcript !== null) writeFileSync(transcript.fd, transcriptText({ ...options, ...recording }, options.keyring))
    close(files)
    return 0
  })

const passing = (hand: Hand): Policy => ({
  opened() {},
  frame: (f) => hand.give(opposite(f.ref.by), [framed(f.bytes)], ''),
  mayEnd: () => true,
})

/** What is said while somebody is asked waits until they have answered. */
const voiceOf = (terminal: Terminal) => {
  let asking = false
  const unsaid: string[] = []
  const say = (text: string): void => {
    if (asking) unsaid.push(text)
    else terminal.out(text)
  }
  const around = (p: Prompter): Prompter => ({
    async next(menu) {
      asking = true
      try {
        return await p.next(menu)
      } finally {
        asking = false
        for (const text of unsaid.splice(0)) terminal.out(text)
      }
    },
    close: () => p.close(),
  })
  return { say, around }
}

interface File {
  readonly path: string
  readonly fd: number
}
type Files = Readonly<Record<'pcapng' | 'transcript', File | null>>

/** New files that their owner alone can read: what they hold was secret. */
const openFiles = (o: MitmOptions): Files => {
  const files: Record<keyof Files, File | null> = { pcapng: null, transcript: null }
  for (const name of ['pcapng', 'transcript'] as const) {
    const path = o[name]
    if (path === null) continue
    try {
      files[name] = { path, fd: openSync(path, 'wx', 0o600) }
    } catch (e) {
      const code = (e as NodeJS.ErrnoException).code
      if (code === undefined) throw e
      discard(files)
      throw new UserError(
        `--${name}: expected a file that does not exist yet and can be written, got ${path} (${code})`,
      )
    }
  }
  return files
}

const close = (files: Files): void => {
  for (const file of Object.values(files)) if (file !== null) closeSync(file.fd)
}

/** Nothing is left of files in which nothing is. */
const discard = (files: Files): void => {
  close(files)
  for (const file of Object.values(files)) if (file !== null) unlinkSync(file.path)
}

const cannotListen = (e: NodeJS.ErrnoException, { host, port }: Endpoint): UserError =>
  e.code === 'EADDRINUSE'
    ? new UserError(`--listen: expected a free port of ${host}, got ${port}, which is in use`)
    : new UserError(`--listen: expected an address of this machine, got ${host}:${port} (${e.code ?? e.message})`)

const summary = (r: Recording, o: MitmOptions): string => {
  const raw =
    r.rawBytes === 0
      ? ''
      : `, and ${r.rawBytes} bytes that were none${o.transcript === null ? '' : ' (not in the transcript)'}`
  const files = [o.transcript, o.pcapng].filter((f) => f !== null)
  return `stopped: ${r.frames.length} frames passed${raw}${files.length === 0 ? '' : `; written: ${files.join(', ')}`}`
}
