/** The ledger under a hand-told history: what was sent, accepted and submitted. Keys are names: what they absorbed. */
import type { Body, Facts, FrameId, Header, Iv, KeyId, Ledger, Sent, Submission, View } from '../events.ts'
import { endName, sameEnd } from '../events.ts'
import { type End, LIMITS, type LimitName, type Mode } from '../language.ts'
import { OP } from '../opcodes.ts'

export type Kind = keyof typeof OP
const KINDS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const
export const kindOf = (h: Header): Kind | undefined => (Object.keys(OP) as Kind[]).find((k) => OP[k] === h.opcode)

/** A committed exchange: HELLO and CHALLENGE, or DATA and RESPONSE. */
interface Exchange {
  readonly client: FrameId
  readonly server: FrameId
  readonly said: string // the plaintext of the server's frame
}

/** What has become of one endpoint. */
export interface Life {
  readonly at: End
  id: number | null
  hello: FrameId | null
  challenge: FrameId | null
  data: FrameId | null // awaits its response
  exchanges: readonly Exchange[]
  round: number
  order: number | null
  confirmed: boolean
  view: View | null
  ended: boolean
  sent: number
  answering: FrameId | null
}

/** Where a frame differs from what the session would send now. */
export interface Oddly {
  readonly header?: Partial<Header>
  readonly body?: Body
  readonly bytes?: number
  readonly iv?: Iv
  readonly exposes?: boolean
  readonly again?: FrameId // bit for bit this frame, which was sent before
}

export class HandLedger implements Ledger {
  mode: Mode = 'bound'
  powers = 'N'
  step = -1
  limits: Readonly<Record<LimitName, number>> = LIMITS
  rngRepeats = false
  readonly insiders = new Set<number>()
  readonly #lives: Life[] = []
  readonly #headers = new Map<FrameId, Header>()
  readonly #senders = new Map<FrameId, Sent[]>()
  readonly #taggedUnder = new Map<FrameId, KeyId>()
  readonly #accepted: FrameId[] = []
  readonly #submissions: { -readonly [K in keyof Submission]: Submission[K] }[] = []

  senders(frame: FrameId): readonly Sent[] {
    return this.#senders.get(frame) ?? []
  }
  accepted(frame: FrameId): number {
    return this.#accepted.filter((f) => f === frame).length
  }
  facts(at: End): Facts | undefined {
    const me = this.#lives.find((x) => sameEnd(x.at, at))
    if (me === undefined) return undefined
    const transcript = [me.id, ...me.exchanges.flatMap((x) => [x.client, x.server])].join(' ')
    return { ...me, transcript, expected: this.expected(me) }
  }
  connections(): readonly Facts[] {
    return this.#lives.filter((x) => x.at.side === 'server').map((x) => this.facts(x.at)!)
  }
  submissions(): readonly Submission[] {
    return this.#submissions.map((x) => ({ ...x }))
  }
  verifies(frame: FrameId, at: End): boolean {
    const me = this.life(at)
    const judge = me.id === null ? { ...me, id: this.header(frame).id } : me // a first frame names its client itself
    return this.#taggedUnder.get(frame) === keysOf(judge, this.mode)[at.side === 'server' ? 1 : 3]
  }

  // for the story

  protected born(at: End, id: number | null): void {
    const nothing = { hello: null, challenge: null, data: null, order: null, view: null, answering: null }
    this.#lives.push({ at, id, ...nothing, exchanges: [], round: 0, confirmed: false, ended: false, sent: 0 })
  }

  protected lives(side: End['side']): readonly Life[] {
    return this.#lives.filter((x) => x.at.side === side)
  }

  protected life(at: End): Life {
    return this.#lives.find((x) => sameEnd(x.at, at))!
  }

  protected header(frame: FrameId): Header {
    return this.#headers.get(frame)!
  }

  protected frames(): readonly FrameId[] {
    return [...this.#headers.keys()]
  }

  protected frame(name: string, header: Header): FrameId {
    this.#headers.set(name as FrameId, header)
    return name as FrameId
  }

  /** A frame of session `me` as the protocol wants it, save for `oddly`, under the keys of `keyed`. */
  protected made(
    name: string,
    me: Life,
    keyed: Life,
    by: End | null,
    kind: Kind,
    direction: number,
    oddly: Oddly,
  ): Sent {
    const header = { opcode: OP[kind], id: me.id ?? 0, round: me.round, direction, ...oddly.header }
    const frame = this.frame(name, header)
    const body = oddly.body ?? this.#body(me, kind)
    const elsewhere = by !== null && body.kind === 'sealed' // sealed under none of the keys that it should be under
    if (!elsewhere) this.#taggedUnder.set(frame, keysOf(keyed, this.mode)[direction === 1 ? 1 : 3])
    if (by !== null) this.#moves(me, kind, frame, body)
    const { hello, challenge } = me
    const answers = by === null ? null : me.answering
    const sent = { by, id: me.id ?? 0, frame, header, body, hello, challenge, answers, step: this.step }
    this.#senders.set(frame, [...this.senders(frame), sent])
    return sent
  }

  protected took(me: Life, frame: FrameId): void {
    this.#accepted.push(frame)
    me.answering = frame
    const header = this.header(frame)
    const kind = kindOf(header)
    const body = this.senders(frame)[0]?.body
    if (me.at.side === 'server' && kind === 'HELLO' && me.hello === null) {
      me.order = this.lives('server').filter((x) => x.order !== null).length
      me.id = header.id
    }
    if (me.at.side === 'server' && kind === 'DATA' && me.id !== null) {
      me.confirmed = true
      this.withdraws((x) => x.id === me.id && !sameEnd(x.at, me.at)) // PROTOCOL §7: superseded
      const values = body?.kind === 'data' ? body.values : []
      this.#submissions.push({ at: me.at, id: me.id, round: header.round, values, live: true })
    }
    this.#moves(me, kind, frame, body)
  }

  protected withdraws(which: (x: Submission) => boolean): void {
    for (const x of this.#submissions) if (which(x)) x.live = false
  }

  protected expected(me: Life): View | null {
    if (me.id === null) return null
    const phase = me.challenge === null ? 'INIT' : 'ACTIVE'
    const keys = keysOf(me, this.mode)
    return { id: me.id, phase, round: me.round, confirmed: false, outstanding: me.data !== null, keys }
  }

  #moves(me: Life, kind: Kind | undefined, frame: FrameId, body: Body | undefined): void {
    const said = JSON.stringify(body)
    if (kind === 'HELLO') me.hello ??= frame
    if (kind === 'DATA') me.data = frame
    if (kind === 'CHALLENGE' && me.hello !== null) {
      me.challenge ??= frame
      me.exchanges = [{ client: me.hello, server: frame, said }]
      me.round = 1
    }
    if (kind === 'RESPONSE' && me.data !== null) {
      me.exchanges = [...me.exchanges, { client: me.data, server: frame, said }]
      me.data = null
      me.round++
    }
  }

  /** PROTOCOL §8: of live sessions, and of each its newest rounds only. */
  #counts(x: Submission, round: number): boolean {
    const newest = Math.max(...this.#submissions.filter((y) => sameEnd(y.at, x.at)).map((y) => y.round))
    return x.live && x.round === round && newest - round < this.limits.retainedRounds
  }

  #body(me: Life, kind: Kind): Body {
    switch (kind) {
      case 'HELLO':
        return { kind: 'hello', text: '' }
      case 'CHALLENGE':
        return { kind: 'challenge', text: `fresh at ${endName(me.at)}` }
      case 'DATA':
        return { kind: 'data', values: [1] }
      case 'RESPONSE': {
        const counted = this.#submissions.filter((x) => this.#counts(x, me.round)).flatMap((x) => x.values)
        const sum = counted.reduce((a, b) => a + b, 0)
        return { kind: 'aggregate', sum, count: counted.length, average: sum / counted.length }
      }
      case 'DESYNC':
      case 'TERMINATE':
        return { kind: 'control' }
    }
  }
}

/** PROTOCOL §4, by name. */
const keysOf = (me: Pick<Life, 'id' | 'hello' | 'exchanges'>, mode: Mode): NonNullable<View['keys']> => {
  const bound = mode === 'bound'
  const [a, b, c, d] = KINDS.map((kind) => {
    const ofClient = kind.startsWith('C2S')
    const name = `${kind} of client ${me.id}`
    if (me.exchanges.length === 0) return (bound && me.hello ? `${name} + ${me.hello}` : name) as KeyId
    const absorbed = me.exchanges.map((x) => {
      if (bound) return `${x.client} + ${x.server}`
      return ofClient ? x.client : kind === 'S2C-ENC' ? x.said : 'OK' // the status is the same in all sessions
    })
    return [name, ...absorbed].join(' + ') as KeyId
  })
  return [a!, b!, c!, d!]
}

export const nameOf = (at: End, nth: number, kind: Kind): string => `${endName(at)}.${nth} ${kind}`
