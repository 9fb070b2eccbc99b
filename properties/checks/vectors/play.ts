/** Plays corpus/vectors against a subject, and says where it does something else. Everything is read from the files. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Mode, Side } from '../../../spec/language.ts'
import { concat, EMPTY, fromHex, toHex } from '../../../spec/reference/bytes.ts'
import {
  type CaseJson,
  type ConversationJson,
  type FileJson,
  onStream,
  type SentJson,
  type SituationJson,
  type StateJson,
  type StepJson,
} from './format.ts'

export const FOLDER = new URL('../../../corpus/vectors/', import.meta.url)

export const vectorFile = (name: string): FileJson => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))
export const vectorNames = (): string[] => readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

/** What a step made the subject do. */
interface Done {
  readonly frames: string[]
  readonly ends: number[]
  readonly texts: string[]
  outcome: string | null
}

/** One conversation, whose sends lie in `expected`: what they drew is what the subject gets to draw. */
class Play {
  readonly #c: ConversationJson
  readonly #subject: Subject
  readonly #mode: Mode
  readonly #open: (port: Port) => Endpoint
  readonly #clients = new Map<number, ClientEnd>()
  readonly #connections = new Map<number, Endpoint>()
  readonly #random = new Map<string, Uint8Array>()
  #done: Done = { frames: [], ends: [], texts: [], outcome: null }

  constructor(c: ConversationJson, mode: Mode, subject: Subject, expected: readonly SentJson[]) {
    this.#c = c
    this.#subject = subject
    this.#mode = mode
    const keyring = new Map(Object.entries(c.master_keys_hex).map(([id, key]) => [Number(id), fromHex(key)]))
    this.#open = subject.server(mode, keyring, c.challenge_text_hex === null ? null : fromHex(c.challenge_text_hex))
    for (const { direction, session, random_hex } of expected) {
      const end = endName(direction === 1 ? 'client' : 'server', session)
      this.#random.set(end, concat(this.#random.get(end) ?? EMPTY, fromHex(random_hex)))
    }
  }

  /** The first difference, or null. */
  steps(): string | null {
    for (const [i, step] of this.#c.steps.entries()) {
      const problem = this.#step(step)
      if (problem !== null) return `step ${i}: ${problem}`
    }
    return null
  }

  case({ receiver: { at, session } }: SituationJson, c: CaseJson): string | null {
    this.#done = { frames: [], ends: [], texts: [], outcome: null }
    const end = at === 'server' ? this.#connections.get(session)! : this.#clients.get(session)!
    end.receive(onStream(fromHex(c.frame_hex), c.prefix))
    return (
      differ('reason', this.#done.outcome, c.reason) ??
      differ('sends', this.#done.frames, framesOf(c.sends)) ??
      differ('ends', this.#done.ends, [session]) ??
      differ('keys', end.state()?.keys ?? null, null)
    )
  }

  state({ at, session }: SituationJson['receiver']) {
    return (at === 'server' ? this.#connections : this.#clients).get(session)?.state() ?? null
  }

  #port(end: string, session: number): Port {
    return {
      send: (frame) => this.#done.frames.push(`${session} ${toHex(frame)}`) > 0,
      random: (bytes) => {
        const left = this.#random.get(end) ?? EMPTY
        if (left.length < bytes) throw new RangeError(`${end}: expected to draw ${left.length} bytes, got ${bytes}`)
        this.#random.set(end, left.subarray(bytes))
        return Uint8Array.from(left.subarray(0, bytes))
      },
      said: (outcome, text) => {
        this.#done.outcome ??= outcome
        if (text !== undefined) this.#done.texts.push(toHex(new TextEncoder().encode(text)))
      },
      ended: () => this.#done.ends.push(session),
    }
  }

  #step(step: StepJson): string | null {
    this.#done = { frames: [], ends: [], texts: [], outcome: null }
    this.#act(step)
    const { session, after } = step
    const { frames, ends, texts, outcome } = this.#done
    // What a subject says nothing of, such as a submission, is told by what it sends.
    const told = step.do === 'receive' ? step.outcome : null
    const connection = this.#connections.get(session)
    const client = this.#clients.get(session)
    return (
      differ('sends', frames, framesOf(step.sends)) ??
      differ('outcome', outcome, told) ??
      differ('ends', ends, step.ends) ??
      differ('text', texts, texts.length === 0 ? [] : [this.#textOf(step)]) ??
      differ('state of the client', client?.state() ?? null, after.client) ??
      differ('state of the server', connection?.state() ?? null, after.server)
    )
  }

  #act(step: StepJson): void {
    const { session, at } = step
    const connect = (): void => {
      this.#connections.set(session, this.#open(this.#port(endName('server', session), session)))
    }
    const client = this.#clients.get(session)
    switch (step.do) {
      case 'open':
        connect()
        break
      case 'start': {
        connect()
        const master = fromHex(this.#c.master_keys_hex[step.id]!)
        const port = this.#port(endName('client', session), session)
        const run = this.#subject.client(this.#mode, step.id, master, fromHex(step.text_hex), port)
        this.#clients.set(session, run)
        run.start()
        break
      }
      case 'submit':
        client?.submit(step.values)
        break
      case 'finish':
        client?.finish()
        break
      case 'continue':
        this.#connections.get(session)?.continueIn(step.round)
        client?.continueIn(step.round)
        break
      case 'receive': {
        const end = at === 'server' ? this.#connections.get(session) : client
        end?.receive(onStream(fromHex(step.frame_hex)))
        break
      }
    }
  }

  /** The plaintext of the frame that a step receives. */
  #textOf(step: StepJson): string | null {
    const received = step.do === 'receive' ? step.frame_hex : null
    const sent = this.#c.steps.flatMap((s) => s.sends).find((f) => f.frame_hex === received)
    return sent?.plaintext_hex ?? null
  }
}

const framesOf = (sends: readonly SentJson[]): string[] => sends.map((f) => `${f.session} ${f.frame_hex}`)

/** Without regard to the order of fields. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_, v) =>
    typeof v === 'object' && v !== null && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v,
  )

const differ = (what: string, got: unknown, wanted: unknown): string | null =>
  plain(got) === plain(wanted) ? null : `${what}: expected ${plain(wanted)}, got ${plain(got)}`

const sendsOf = (c: ConversationJson): readonly SentJson[] => c.steps.flatMap((s) => s.sends)

/** The first difference, or null. */
export const playConversation = (c: ConversationJson, mode: Mode, subject: Subject): string | null =>
  new Play(c, mode, subject, sendsOf(c)).steps()

/** Every difference: the situation is played anew for each of its cases. */
export const playSituation = (s: SituationJson, mode: Mode, subject: Subject): readonly string[] =>
  s.cases.flatMap((c) => {
    const play = new Play(s, mode, subject, [...sendsOf(s), ...c.sends])
    const problem =
      play.steps() ?? differ('state of the receiver', play.state(s.receiver), s.receiver.state) ?? play.case(s, c)
    return problem === null ? [] : [`${c.reason}, ${c.why}: ${problem}`]
  })

/** What one endpoint can do to the outside. */
export interface Port {
  send(frame: Uint8Array): boolean
  random(bytes: number): Uint8Array
  /** `text`: of an accepted HELLO or CHALLENGE, where the implementation tells. */
  said(outcome: StepJson['outcome'], text?: string): void
  ended(): void
}

/** One end of a session, from its start to its end. Bytes are those of the TCP stream, prefix included. */
export interface Endpoint {
  receive(stream: Uint8Array): void
  state(): StateJson | null // null: no session
  continueIn(round: number): void
}

export interface ClientEnd extends Endpoint {
  start(): void // sends the HELLO
  submit(values: readonly number[]): void
  finish(): void
}

/** What an implementation has to offer so that corpus/vectors can be played against it. */
export interface Subject {
  client(mode: Mode, id: number, master: Uint8Array, text: Uint8Array, port: Port): ClientEnd
  /** `text`: of every CHALLENGE; null: fresh. The result opens a connection. */
  server(mode: Mode, keyring: ReadonlyMap<number, Uint8Array>, text: Uint8Array | null): (port: Port) => Endpoint
}

export const endName = (side: Side, session: number): string => `${side} ${session}`
