/** The core on sockets. */

export { Channel, CLOSING_MS, MAX_UNSENT } from './channel.ts'
export { type DialOptions, dial, Run, type RunOptions } from './client.ts'
export { wallTime } from './clock.ts'
export { Host, type HostOptions, type Listening, type ListenOptions, listen, type ServerEvent } from './server.ts'
export type { Socket } from './socket.ts'
export { Turns } from './turns.ts'
