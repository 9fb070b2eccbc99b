/**
 * The core on sockets. `listen` is a server on TCP and `dial` a run of a client; `Host` and `Run` are the same on any
 * `Socket`. Clock and randomness are those of the machine, all times ms. Nothing here throws but on bad settings.
 */

export { Channel, CLOSING_MS, MAX_UNSENT, type Socket } from './channel.ts'
export { type DialOptions, dial, Run, type RunOptions } from './client.ts'
export { wallTime } from './clock.ts'
export { Host, type HostOptions, type Listening, type ListenOptions, listen, type ServerEvent } from './server.ts'
export { Turns } from './turns.ts'
