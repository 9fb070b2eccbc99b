/** What a client says about a session that ended; sentences without their full stop. */
import type { EndReason } from '../index.ts'

/** How a run of a client ended. */
export interface Ending {
  readonly by: EndReason
  readonly said: string | null // what its last frame said: KEY_DESYNC_ERROR, TERMINATE, or why it was rejected
  readonly error: Error | null // what broke the connection
}

export const whyEnded = ({ by, said, error }: Ending): string => {
  switch (by) {
    case 'peer':
      return `The server ended the session (${said})`
    case 'timeout':
      return 'Timeout: the server did not answer'
    case 'rejected-frame':
      return `Rejected: a frame from the server failed the checks (${said})`
    case 'send-failed':
      return 'Server gone: the numbers could not be handed over'
    case 'closed':
    case 'finished':
    case 'displaced':
    case 'superseded':
    case 'rounds-exhausted': // these four are not a client's
      return `Server gone: the connection ended${inBrackets(error)}`
  }
}

/** The same when a request was outstanding: then the peer's decision is a rejection. */
export const whyUnanswered = (ending: Ending): string =>
  ending.by === 'peer' ? `Rejected: the server ended the session (${ending.said})` : whyEnded(ending)

/** The same of one that never was: no CHALLENGE came. */
export const whyNotJoined = ({ by, said, error }: Ending, id: number, server: string): string => {
  if (by === 'timeout') return `Timeout: no CHALLENGE from ${server}`
  if (by === 'rejected-frame')
    return `Rejected: the CHALLENGE failed the checks (${said}); the server has another --mode, or is not the server`
  if (error === null || codeOf(error) === 'ECONNRESET')
    return `Rejected: ${server} closed the connection; most likely it does not know client ${id} by this key`
  return `Server gone: cannot reach ${server}${inBrackets(error)}`
}

/** Whether nobody listens there at the moment. */
export const isRefused = (error: Error | null): boolean => codeOf(error) === 'ECONNREFUSED'

const codeOf = (error: Error | null): string | null =>
  error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null
const inBrackets = (error: Error | null): string => (error === null ? '' : ` (${codeOf(error) ?? error.message})`)
