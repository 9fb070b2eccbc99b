/** How a command is told where somebody else's server is. */
import { custom, flag, text, UsageError } from './terminal/options.ts'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/

export const reachOptions = {
  connect: custom({ value: 'HOST:PORT', says: 'a server that runs', default: null }, (given) => {
    const [, host, port] = /^(.+):(\d{1,5})$/.exec(given) ?? []
    return host !== undefined && Number(port) >= 1 && Number(port) <= 65_535
      ? { value: { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) } }
      : { expected: 'HOST:PORT' }
  }),
  start: text({
    value: 'COMMAND',
    says: "starts the server: './server.sh {port}'; again when it ended",
    default: null,
  }),
  'i-own-this-host': flag('allow a host that is not this machine'),
}

export interface AskedReach {
  readonly connect: { readonly host: string; readonly port: number } | null
  readonly start: string | null
  readonly 'i-own-this-host': boolean
}

/** Throws a UsageError. */
export const reachOf = (o: AskedReach) => {
  if ((o.connect === null) === (o.start === null))
    throw new UsageError('--connect HOST:PORT or --start COMMAND: expected one of them')
  if (o.start !== null && !o.start.includes('{port}'))
    throw new UsageError(`--start: expected a command with {port} in it, got ${o.start}`)
  if (o.connect !== null && !LOOPBACK.test(o.connect.host) && !o['i-own-this-host'])
    throw new UsageError(`--connect: expected this machine, got ${o.connect.host}; --i-own-this-host allows others`)
  return { start: o.start, address: o.connect ?? { host: '127.0.0.1', port: 0 } }
}

/** A word of a command line that can be pasted into a shell. */
export const quoted = (word: string): string =>
  /^[\w./:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
