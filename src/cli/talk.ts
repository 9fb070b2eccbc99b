/**
 * The client's side of a conversation over any number of sessions: which line is sent when, what is said about it,
 * and when it ends. Knows neither sockets nor terminals.
 */
import type { Content, EndReason, Outcome } from '../index.ts'
import type { Run } from '../net/index.ts'
import { formatAggregate, parseNumbers } from './terminal.ts'

export interface Voice {
  /** An aggregate. */
  result(text: string): void
  /** Anything else, a line. */
  note(text: string): void
  /** Ready for a line for this round. */
  ask(round: number): void
  /** The talk has ended, with this exit code. */
  over(code: number): void
}

/** Starts a session; reports nothing before it returns. */
export type Dial = (report: (outcome: Outcome) => void) => Pick<Run, 'submit' | 'finish' | 'error'>

interface TalkOptions {
  readonly id: number
  readonly server: string // host:port, for messages
  readonly numbered: boolean // lines come from a script: complaints name the line
}

type Stage =
  | { readonly at: 'joining'; readonly after: string | null } // why the session ended that this one replaces, if any
  | { readonly at: 'ready' }
  | { readonly at: 'waiting' }
  | { readonly at: 'apart' } // no session until there is something to submit
  | { readonly at: 'over' }
type Joining = Extract<Stage, { at: 'joining' }>

const RETRY_MS = 250
const RETRIES = 40 // 10 s: a server that restarts is back by then

export class Talk {
  readonly #options: TalkOptions
  readonly #dial: Dial
  readonly #voice: Voice
  readonly #lines: { readonly text: string; readonly number: number }[] = []
  #run: ReturnType<Dial> | null = null
  #stage: Stage = { at: 'apart' }
  #round = 1
  #taken = 0 // lines so far
  #ended = false // no line will follow
  #retries = 0
  #unused = 0 // sessions that ended one after the other without an aggregate
  #said: string | null = null

  constructor(options: TalkOptions, dial: Dial, voice: Voice) {
    this.#options = options
    this.#dial = dial
    this.#voice = voice
  }

  start(): void {
    this.#join(null)
  }

  line(text: string): void {
    this.#lines.push({ text: text.trim(), number: ++this.#taken })
    this.#next()
  }

  /** No more lines: done when those before are answered. */
  end(): void {
    this.#ended = true
    // Nothing is left to do in a session that is only being re-established.
    if (this.#stage.at === 'joining' && this.#stage.after !== null && this.#lines.length === 0) this.#finish(0)
    this.#next()
  }

  /** Stops without waiting for anything. */
  quit(): void {
    if (this.#stage.at === 'waiting') this.#fail(`Stopped before the answer; ${this.#unknown()}`)
    else this.#finish(0)
  }

  #join(after: string | null): void {
    this.#stage = { at: 'joining', after }
    this.#said = null
    this.#run = this.#dial((outcome) => this.#hear(outcome))
  }

  /** Takes up lines as long as they need no answer. */
  #next(): void {
    while (this.#stage.at === 'ready' || this.#stage.at === 'apart') {
      const line = this.#lines.shift()
      if (line === undefined) {
        if (this.#ended) this.#finish(0)
        else this.#voice.ask(this.#round)
        return
      }
      if (line.text === '') continue
      if (line.text === 'quit' || line.text === 'exit') {
        this.#finish(0)
        return
      }
      const parsed = parseNumbers(line.text)
      if (parsed.kind === 'bad') {
        const where = this.#options.numbered ? ` (line ${line.number})` : ''
        this.#voice.note(`Not sent${where}: ${parsed.problem}`)
      } else if (this.#stage.at === 'apart') {
        this.#lines.unshift(line)
        this.#join('There was no session')
      } else {
        // It is not refused: values and session are as they must be. If it fails, the end of the session is reported.
        this.#stage = { at: 'waiting' }
        this.#run!.submit(parsed.values)
      }
    }
  }

  #hear(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'accepted':
        this.#take(outcome.content)
        break
      case 'rejected':
        this.#said = outcome.reason
        break
      case 'ended':
        this.#lost(outcome.by)
        break
    }
  }

  #take(content: Content): void {
    switch (content.kind) {
      case 'challenge':
        this.#joined(this.#stage as Joining)
        break
      case 'aggregate':
        this.#voice.result(`Aggregated ${formatAggregate(content.aggregate)}`)
        this.#round = content.round + 1
        this.#unused = 0
        this.#stage = { at: 'ready' }
        this.#next()
        break
      case 'desync':
        this.#said = 'KEY_DESYNC_ERROR'
        break
      case 'terminate':
        this.#said = 'TERMINATE'
        break
      case 'hello':
      case 'data': // a client receives neither
        break
    }
  }

  #joined({ after }: Joining): void {
    const { id, server } = this.#options
    if (after === null) this.#voice.note(`Connected to ${server} as client ${id}`)
    else
      this.#voice.note(`${this.#retries > 0 ? 'The server is back' : after}; a new session is established, at round 1`)
    this.#retries = 0
    this.#round = 1
    this.#stage = { at: 'ready' }
    this.#next()
  }

  /** A session ended. */
  #lost(by: EndReason): void {
    const stage = this.#stage
    const ending = { by, said: this.#said, error: this.#run?.error ?? null }
    switch (stage.at) {
      case 'over': // by ourselves
      case 'apart':
        break
      case 'waiting':
        this.#fail(`${whyUnanswered(ending)}; ${this.#unknown()}`)
        break
      case 'joining':
        if (stage.after !== null && isRefused(ending.error) && this.#retries < RETRIES) this.#retry(stage, stage.after)
        else this.#fail(whyNotJoined(ending, this.#options.id, this.#options.server))
        break
      case 'ready':
        this.#replace(whyEnded(ending))
        break
    }
  }

  /** After a session that ended while nothing was outstanding. */
  #replace(why: string): void {
    if (this.#unused++ === 0) {
      this.#join(why)
      return
    }
    // One that ends unused twice running is not worth another before there is something to submit.
    this.#voice.note(`${why}; your next submission starts a new session`)
    this.#round = 1
    this.#stage = { at: 'apart' }
    this.#next()
  }

  #retry(stage: Joining, after: string): void {
    if (this.#retries++ === 0) this.#voice.note(`${after}; trying to reach it again for a few seconds`)
    setTimeout(() => {
      if (this.#stage === stage) this.#join(after)
    }, RETRY_MS)
  }

  #unknown(): string {
    return `whether round ${this.#round} counted is unknown`
  }

  #finish(code: number): void {
    if (this.#stage.at === 'over') return
    this.#stage = { at: 'over' }
    this.#run?.finish()
    this.#voice.over(code)
  }

  #fail(sentence: string): void {
    this.#voice.note(sentence)
    this.#finish(1)
  }
}

// Sentences about a session that ended, without their full stop.

/** How a run of a client ended. */
interface Ending {
  readonly by: EndReason
  readonly said: string | null // what its last frame said: KEY_DESYNC_ERROR, TERMINATE, or why it was rejected
  readonly error: Error | null // what broke the connection
}

const whyEnded = ({ by, said, error }: Ending): string => {
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
const whyUnanswered = (ending: Ending): string =>
  ending.by === 'peer' ? `Rejected: the server ended the session (${ending.said})` : whyEnded(ending)

/** The same of a session that never began: no CHALLENGE came. */
const whyNotJoined = ({ by, said, error }: Ending, id: number, server: string): string => {
  if (by === 'timeout') return `Timeout: no CHALLENGE from ${server}`
  if (by === 'rejected-frame')
    return `Rejected: the CHALLENGE failed the checks (${said}); the server has another --mode, or is not the server`
  if (error === null || codeOf(error) === 'ECONNRESET')
    return `Rejected: ${server} closed the connection; most likely it does not know client ${id} by this key`
  return `Server gone: cannot reach ${server}${inBrackets(error)}`
}

/** Whether nobody listens at that address at the moment. */
const isRefused = (error: Error | null): boolean => codeOf(error) === 'ECONNREFUSED'

const codeOf = (error: Error | null): string | null =>
  error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null
const inBrackets = (error: Error | null): string => (error === null ? '' : ` (${codeOf(error) ?? error.message})`)
