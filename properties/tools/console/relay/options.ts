/** The options of `mitm`, checked. Throws a UserError that names the option, what it expects and what it got. */
import { isIPv4 } from 'node:net'
import type { Mode } from '../../../../spec/language.ts'
import { DEMO_KEYRING, type Keyring } from '../../../../src/cli/keyring.ts'
import { keyringFrom } from '../../../../src/cli/keyring-file.ts'
import { given, UserError } from '../../../../src/cli/options.ts'
import { readStored } from '../../../harness/stored.ts'
import { type RelayAction, relayActions } from './script.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface MitmOptions {
  readonly listen: Endpoint
  readonly upstream: Endpoint
  readonly mode: Mode
  readonly keyring: Keyring | null
  readonly script: readonly RelayAction[] | null
  readonly ask: boolean
  readonly transcript: string | null
  readonly pcapng: string | null
}

export const MITM_USAGE = `npm run mitm -- [options]
  --listen [HOST:]PORT    where clients connect, an IPv4 address; 0: any free port (default 127.0.0.1:9998)
  --upstream HOST:PORT    the server (default 127.0.0.1:9999)
  --keys FILE             keyring to read the frames with; demo: the demo keys (default: none, nothing is read)
  --mode bound|literal    as server and clients have it (default bound)
  --schedule FILE         do what this schedule does: deliver, inject, close and advance (which waits)
  --ask                   decide about each frame: menus, or a line each from a pipe (help lists what there is)
  --transcript FILE       write what passed as JSON; with --keys it holds the keys
  --pcapng FILE           write what passed for Wireshark
What passes is kept in memory. Frames are named f0, f1, ...; c0 is the client's end of connection 0, s0 the server's.
Ends with SIGINT (Ctrl-C) or SIGTERM. Exit codes: 0 stopped, 2 could not start.`

/** HOST:PORT; the host may be left out where there is a default. */
export const endpointFrom = (name: string, text: string, host: string | null, least: number): Endpoint => {
  const [, named, port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  const at = named ?? host
  if (port === undefined || at === null || Number(port) < least || Number(port) > 65_535)
    throw new UserError(
      `${name}: expected ${host === null ? 'HOST:PORT' : '[HOST:]PORT'}, ports ${least}..65535, got ${text}`,
    )
  return { host: at, port: Number(port) }
}

/** The keyring of `--keys`; null without one. `demo` is the one that everybody knows. */
export const keysFrom = (file: string | undefined): { keyring: Keyring | null; warning: string | null } => {
  if (file === undefined) return { keyring: null, warning: null }
  return file === 'demo' ? { keyring: DEMO_KEYRING, warning: null } : keyringFrom(file)
}

export const parseMitmOptions = (
  argv: readonly string[],
): { readonly options: MitmOptions; readonly warning: string | null } | 'help' => {
  const texts = ['listen', 'upstream', 'keys', 'mode', 'schedule', 'transcript', 'pcapng']
  const o = given(argv, texts, ['ask'])
  if (o.help) return 'help'
  if (o.positionals.length > 0) throw new UserError(`arguments: expected options only, got ${o.positionals[0]}`)
  const listen = endpointFrom('--listen', o.text('listen') ?? '9998', '127.0.0.1', 0)
  if (!isIPv4(listen.host)) throw new UserError(`--listen: expected an IPv4 address or none, got ${listen.host}`)
  const upstream = endpointFrom('--upstream', o.text('upstream') ?? '127.0.0.1:9999', null, 1)
  const { keyring, warning } = keysFrom(o.text('keys'))
  const ask = o.flag('ask')
  const file = o.text('schedule')
  if (ask && file !== undefined) throw new UserError('--ask: expected without --schedule, got both')
  const [transcript, pcapng] = [o.text('transcript') ?? null, o.text('pcapng') ?? null]
  const script = file === undefined ? null : scriptFrom(file)
  return { options: { listen, upstream, mode: o.mode(), keyring, script, ask, transcript, pcapng }, warning }
}

const scriptFrom = (file: string): readonly RelayAction[] => {
  const stored = readStored(file, file)
  const actions = stored.kind === 'bad' ? stored : relayActions(file, stored.value.schedule)
  if (actions.kind === 'bad') throw new UserError(`--schedule ${actions.why}`)
  return actions.value
}
