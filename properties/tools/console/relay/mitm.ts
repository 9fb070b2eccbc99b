/** The `mitm` command, apart from the process around it. */
import { closeSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { z } from 'zod'
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { Recording, transcriptText } from '../../../harness/capture/recording.ts'
import { readStored } from '../../../harness/schedules/stored.ts'
import { dialectOption, spokenIn } from '../../../harness/target/dialects.ts'
import { keysFrom } from '../../../harness/target/keys.ts'
import { addressOption } from '../../../harness/target/target.ts'
import { type Command, command } from '../../../harness/terminal/command.ts'
import { flag, modeOption, UsageError } from '../../../harness/terminal/options.ts'
import { fileOption, type Prompter, type Surroundings, teller, warn } from '../surroundings.ts'
import { Middle, type Policy } from './middle.ts'
import { ByHand, passing, relayActions, Script } from './policies.ts'

const LOCAL = '127.0.0.1'
const LISTEN = 'where clients connect, an IPv4 address; 0: any free port (default 127.0.0.1:9998)'

const options = z
  .strictObject({
    listen: addressOption({
      value: '[HOST:]PORT',
      says: LISTEN,
      default: { host: LOCAL, port: 9998 },
      host: LOCAL,
      least: 0,
    }),
    upstream: addressOption({
      value: 'HOST:PORT',
      says: 'the server (default 127.0.0.1:9999)',
      default: { host: LOCAL, port: 9999 },
      host: null,
    }),
    keys: fileOption('keyring to read the frames with; demo: the demo keys (default: none, nothing is read)'),
    mode: modeOption('bound or literal, as server and clients have it'),
    dialect: dialectOption,
    schedule: fileOption('do what this schedule does: deliver, inject, close and advance (which waits)'),
    ask: flag('decide about each frame: menus, or a line each from a pipe (help lists what there is)'),
    transcript: fileOption('write what passed as JSON; with --keys it holds the keys'),
    pcapng: fileOption('write what passed for Wireshark'),
  })
  .superRefine(({ listen, ask, schedule }, ctx) => {
    const refuse = (path: string, message: string): void => ctx.addIssue({ code: 'custom', path: [path], message })
    if (!isIPv4(listen.host)) refuse('listen', `expected an IPv4 address or none, got ${listen.host}`)
    if (ask && schedule !== null) refuse('ask', 'expected without --schedule, got both')
  })

const NOTES = `What passes is kept in memory. Frames are named f0, f1, ...; c0 is the client's end of connection 0, s0 the server's.
Ends with SIGINT (Ctrl-C) or SIGTERM. Exit codes: 0 stopped, 2 could not start.`

const MOST_CONNECTIONS = 256 // one a client id, and one more

/** Relays until it is stopped. */
export const mitm = (around: Surroundings): Command<typeof options> =>
  command({
    name: 'mitm',
    options,
    notes: NOTES,
    async run(o, screen) {
      const { listen, upstream } = o
      const spoken = spokenIn(o.dialect, o.mode)
      const { keyring, warning } =
        o.keys === null ? { keyring: null, warning: null } : keysFrom(o.keys, o.dialect !== null)
      const policyFor = o.schedule === null ? null : scripted(o.schedule, spoken.dialect)
      const files = new NewFiles()
      const pcapng = files.open('pcapng', o.pcapng)
      const transcript = files.open('transcript', o.transcript)
      const capture = pcapng === null ? null : (bytes: Uint8Array) => void writeSync(pcapng, bytes)
      const recording = new Recording(around.clock, spoken.dialect, capture)
      let quit: () => void = () => {}
      const asked = new Promise<void>((resolve) => {
        quit = resolve
      })
      const voice = quietWhileAsking(teller(screen))
      const prompter = o.ask ? voice.around(around.prompter(screen)) : null
      const byHand = (middle: Middle): Policy =>
        prompter === null ? passing(middle) : new ByHand(middle, prompter, around.interactive ? 'quit' : 'rest', quit)
      const middle = new Middle({
        ...{ listen, upstream, keyring, recording, dialect: spoken.dialect },
        most: MOST_CONNECTIONS,
        say: voice.say,
        columns: screen.columns,
        policy: policyFor ?? byHand,
      })
      const port = await middle.start().catch((e: NodeJS.ErrnoException) => {
        prompter?.close()
        files.discard()
        throw cannotListen(e, listen)
      })
      warn(screen, warning)
      screen.say(`listening on ${listen.host}:${port}, relaying to ${upstream.host}:${upstream.port}`)
      if (keyring === null) screen.complain('Without --keys what is in the frames stays secret.')

      await Promise.race([around.stop, asked])
      prompter?.close()
      await middle.stop()
      teller(screen)(summary(recording, o))
      if (transcript !== null) writeFileSync(transcript, transcriptText({ ...spoken, ...recording }, keyring))
      files.close()
      return 0
    },
  })

/** The policy that does what a schedule says. Throws a UsageError. */
const scripted = (file: string, d: Dialect): ((middle: Middle) => Policy) => {
  const stored = readStored(file, file)
  if (stored.kind === 'bad') throw new UsageError(`--schedule ${stored.why}`)
  const actions = relayActions(`--schedule ${file}`, stored.value.schedule, d)
  return (middle) => new Script(actions, middle)
}

/** What is said while somebody is asked waits until they have answered. */
const quietWhileAsking = (say: (text: string) => void) => {
  let asking = false
  const unsaid: string[] = []
  const around = (p: Prompter): Prompter => ({
    ...p,
    async next(menu) {
      asking = true
      try {
        return await p.next(menu)
      } finally {
        asking = false
        for (const text of unsaid.splice(0)) say(text)
      }
    },
  })
  return { say: (text: string): void => (asking ? void unsaid.push(text) : say(text)), around }
}

/** Files that did not exist and that their owner alone can read: what they hold was secret. */
class NewFiles {
  readonly #open = new Map<string, number>() // path -> file descriptor

  /** The file descriptor; null without a path. Throws a UsageError. */
  open(option: string, path: string | null): number | null {
    if (path === null) return null
    try {
      const fd = openSync(path, 'wx', 0o600)
      this.#open.set(path, fd)
      return fd
    } catch (e) {
      this.discard()
      const got = `${path} (${(e as NodeJS.ErrnoException).code})`
      throw new UsageError(`--${option}: expected a file that does not exist yet and can be written, got ${got}`)
    }
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd)
  }

  /** Nothing is left of files in which nothing is. */
  discard(): void {
    this.close()
    for (const path of this.#open.keys()) unlinkSync(path)
  }
}

const cannotListen = (e: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): UsageError =>
  e.code === 'EADDRINUSE'
    ? new UsageError(`--listen: expected a free port of ${host}, got ${port}, which is in use`)
    : new UsageError(`--listen: expected an address of this machine, got ${host}:${port} (${e.code ?? e.message})`)

const summary = (r: Recording, { transcript, pcapng }: z.output<typeof options>): string => {
  const where = transcript === null ? '' : ' (not in the transcript)'
  const raw = r.rawBytes === 0 ? '' : `, and ${r.rawBytes} bytes that were none${where}`
  const files = [transcript, pcapng].filter((f) => f !== null)
  return `stopped: ${r.frames.length} frames passed${raw}${files.length === 0 ? '' : `; written: ${files.join(', ')}`}`
}
