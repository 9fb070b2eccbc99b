/** The `mitm` command, apart from the process around it. */
import { closeSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { z } from 'zod'
import { Recording, transcriptText } from '../../../harness/capture/recording.ts'
import { readStored } from '../../../harness/stored.ts'
import { type Command, command, type Screen } from '../../../harness/terminal/command.ts'
import { custom, flag, modeOption, UsageError } from '../../../harness/terminal/options.ts'
import type { Prompter } from '../prompter.ts'
import { fileOption, keysFrom, type Surroundings, warn } from '../surroundings.ts'
import { type RelayAction, relayActions } from './actions.ts'
import { ByHand } from './by-hand.ts'
import { Middle } from './middle.ts'
import { type Hand, type Policy, passing } from './policy.ts'
import { Script } from './script.ts'

/** HOST:PORT; the host may be left out where there is a default. */
const address = (value: string, says: string, port: number, host: string | null, least: number) =>
  custom({ value, says, default: { host: '127.0.0.1', port } }, (given) => {
    const [, named, digits] = /^(?:(.+):)?(\d{1,5})$/.exec(given) ?? []
    const at = named ?? host
    if (digits === undefined || at === null || Number(digits) < least || Number(digits) > 65_535)
      return { expected: `${value}, ports ${least}..65535` }
    return { value: { host: at, port: Number(digits) } }
  })

const LISTEN = 'where clients connect, an IPv4 address; 0: any free port (default 127.0.0.1:9998)'

const options = z
  .strictObject({
    listen: address('[HOST:]PORT', LISTEN, 9998, '127.0.0.1', 0),
    upstream: address('HOST:PORT', 'the server (default 127.0.0.1:9999)', 9999, null, 1),
    keys: fileOption('keyring to read the frames with; demo: the demo keys (default: none, nothing is read)'),
    mode: modeOption('bound or literal, as server and clients have it'),
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
      const { listen, upstream, mode } = o
      const { keyring, warning } = o.keys === null ? { keyring: null, warning: null } : keysFrom(o.keys)
      const script = o.schedule === null ? null : actionsOf(o.schedule)
      const voice = voiceOf(screen)
      const files = new NewFiles()
      const pcapng = files.open('pcapng', o.pcapng)
      const transcript = files.open('transcript', o.transcript)
      const capture = pcapng === null ? null : (bytes: Uint8Array) => void writeSync(pcapng, bytes)
      const recording = new Recording(around.clock, capture)
      let quit: () => void = () => {}
      const asked = new Promise<void>((resolve) => {
        quit = resolve
      })
      const prompter = o.ask ? voice.around(around.prompter(screen)) : null
      const policy = (hand: Hand): Policy => {
        if (script !== null) return new Script(script, hand)
        return prompter === null
          ? passing(hand)
          : new ByHand(hand, prompter, around.interactive ? 'quit' : 'rest', quit)
      }
      const most = MOST_CONNECTIONS
      const middle = new Middle({ listen, upstream, most, mode, keyring, recording, say: voice.say, policy })
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
      screen.say(summary(recording, o))
      if (transcript !== null) writeFileSync(transcript, transcriptText({ mode, ...recording }, keyring))
      files.close()
      return 0
    },
  })

const actionsOf = (file: string): readonly RelayAction[] => {
  const stored = readStored(file, file)
  const actions = stored.kind === 'bad' ? stored : relayActions(file, stored.value.schedule)
  if (actions.kind === 'bad') throw new UsageError(`--schedule ${actions.why}`)
  return actions.value
}

/** What is said while somebody is asked waits until they have answered. */
const voiceOf = (screen: Screen) => {
  let asking = false
  const unsaid: string[] = []
  const say = (line: string): void => {
    if (asking) unsaid.push(line)
    else screen.say(line)
  }
  const around = (p: Prompter): Prompter => ({
    async next(menu) {
      asking = true
      try {
        return await p.next(menu)
      } finally {
        asking = false
        for (const line of unsaid.splice(0)) screen.say(line)
      }
    },
    close: () => p.close(),
  })
  return { say, around }
}

/** Files that did not exist and that their owner alone can read: what they hold was secret. */
class NewFiles {
  readonly #open: { readonly path: string; readonly fd: number }[] = []

  /** The file descriptor; null without a path. Throws a UsageError. */
  open(option: string, path: string | null): number | null {
    if (path === null) return null
    try {
      const fd = openSync(path, 'wx', 0o600)
      this.#open.push({ path, fd })
      return fd
    } catch (e) {
      this.discard()
      const got = `${path} (${(e as NodeJS.ErrnoException).code})`
      throw new UsageError(`--${option}: expected a file that does not exist yet and can be written, got ${got}`)
    }
  }

  close(): void {
    for (const { fd } of this.#open) closeSync(fd)
  }

  /** Nothing is left of files in which nothing is. */
  discard(): void {
    this.close()
    for (const { path } of this.#open) unlinkSync(path)
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
