/** How a command is told where somebody else's server is. */
import type { Address } from './peer.ts'
import { custom, flag, text, UsageError } from './terminal/options.ts'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/

/** An address; `host`: where none is given, null: one must be. `least`: of ports. */
export const addressOption = <D extends Address | null>({
  host,
  least = 1,
  ...told
}: {
  readonly value: string
  readonly says: string
  readonly default: D
  readonly host: string | null
  readonly least?: number
}) =>
  custom(told, (given) => {
    const [, named, digits] = /^(?:(.+):)?(\d{1,5})$/.exec(given) ?? []
    const at = named?.replace(/^\[(.*)\]$/, '$1') ?? host
    const port = Number(digits)
    return at !== null && port >= least && port <= 65_535
      ? { value: { host: at, port } }
      : { expected: `${told.value}, ports ${least}..65535` }
  })

export const reachOptions = {
  connect: addressOption({ value: 'HOST:PORT', says: 'a server that runs', default: null, host: null }),
  start: text({
    value: 'COMMAND',
    says: "starts the server: './server.sh {port}'; again when it ended",
    default: null,
  }),
  'i-own-this-host': flag('allow a host that is not this machine'),
}

export interface AskedReach {
  readonly connect: Address | null
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
