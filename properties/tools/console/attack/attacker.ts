/** Does what a command says: looks up what it names, makes actions of it, plays them. */
import { endName, sameEnd } from '../../../../spec/events.ts'
import type { Action, End, FrameRef, Seal } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { formatIds } from '../../../../src/cli/ids.ts'
import { dataHex } from '../../../harness/generate/payloads.ts'
import type { Endpoint } from '../../../harness/ledger.ts'
import { stream } from '../../../harness/rng.ts'
import type { Parsed } from '../../../harness/schedule-file.ts'
import { framed, fromHex, toHex, type WireFrame } from '../../../harness/wire.ts'
import type { Decision } from '../decision.ts'
import type { Command, Place } from './command.ts'
import type { Craft } from './craft.ts'
import { corruptedData, impersonation, withTag } from './forging.ts'
import { Middle } from './middle.ts'
import type { Happened, Scene } from './scene.ts'

/** One action as it is told; `terse`: what honest parties do, of which only what is odd needs words. */
export interface Outcome {
  readonly happened: Happened
  readonly terse: boolean
  readonly note?: string // beside it
}

/** The commands that act on the network; the others only show or write something. */
export type Act = Exclude<Command, { do: 'save' | 'frames' | 'who' | 'help' | 'quit' }>

const bad = (why: string): Parsed<never> => ({ kind: 'bad', why })

/** Of PROTOCOL §9: what the tactics attack. */
const CLAIM = {
  replay: 1,
  modify: 2,
  round: 3,
  reflect: 4,
  encKey: 6,
  macKey: 7,
  craft: 8,
  impersonate: 9,
  middle: 10,
} as const

export class Attacker {
  readonly scene: Scene
  readonly middle: Middle
  readonly #random: (bytes: number) => Uint8Array
  #outcomes: Outcome[] = []

  constructor(scene: Scene) {
    this.scene = scene
    this.middle = new Middle(scene)
    this.#random = stream(scene.target.seed, 'attacker')
  }

  /** What came of it, action by action; and why it was not done, or not wholly. */
  async do(command: Act): Promise<{ readonly outcomes: readonly Outcome[]; readonly why: string | null }> {
    this.#outcomes = []
    const why = await this.#do(command)
    return { outcomes: this.#outcomes, why }
  }

  async #do(c: Act): Promise<string | null> {
    switch (c.do) {
      case 'client':
        return this.#client(c.id, c.rounds)
      case 'submit':
        return this.#user(c.run, { do: 'submit', run: c.run.n, values: c.values })
      case 'finish':
        return this.#user(c.run, { do: 'finish', run: c.run.n })
      case 'replay':
        return this.#again(c.frame, c.to, {}, CLAIM.replay)
      case 'modify':
        return this.#again(c.frame, c.to, { edit: c.edit }, CLAIM.modify)
      case 'reflect': {
        const frame = this.#frame(c.frame)
        return frame.kind === 'bad'
          ? frame.why
          : this.#strike({ do: 'deliver', frame: frame.value.ref, to: frame.value.ref.by }, CLAIM.reflect)
      }
      case 'corrupt':
      case 'round':
        return this.#nextData(c)
      case 'impersonate': {
        const key = fromHex(c.key)
        const known = this.scene.target.keyring.get(c.id)
        if (known !== undefined && toHex(known) === c.key)
          return `impersonate: expected another key than that of client ${c.id}; with its own, use client ${c.id}`
        const made = impersonation(this.scene.target.mode, c.id, key, this.#place('new'), this.#random(16))
        return this.#strike(made, CLAIM.impersonate)
      }
      case 'craft':
        return this.#craft(c.to, c.craft)
      case 'raw':
        return this.#missing(c.to) ?? this.#strike({ do: 'inject', to: this.#place(c.to), hex: c.hex }, CLAIM.craft)
      case 'middle':
        return this.#sitInTheMiddle(c.id)
      case 'decide':
        return this.#decide(c.decision)
      case 'close':
        return this.#missing(c.at) ?? this.#honest({ do: 'close', at: c.at })
    }
  }

  // playing

  async #act(action: Action, claim: number | null, terse: boolean): Promise<Happened> {
    const happened = await this.scene.act(action, claim)
    this.middle.look()
    this.#outcomes.push({ happened, terse })
    return happened
  }

  #note(note: string): void {
    const last = this.#outcomes.pop()
    if (last !== undefined) this.#outcomes.push({ ...last, note })
  }

  async #strike(action: Action, claim: number): Promise<null> {
    await this.#act(action, claim, false)
    return null
  }

  async #honest(action: Action): Promise<null> {
    await this.#act(action, null, true)
    return null
  }

  // looking up

  #frame(name: string): Parsed<WireFrame> {
    const { frames } = this.scene.world.wire
    const found = frames.find((f) => f.id === name)
    if (found !== undefined) return { kind: 'ok', value: found }
    return bad(
      frames.length === 0
        ? `expected a captured frame, got ${name}; nothing was captured yet (client 1 10,20 would do)`
        : `expected a captured frame (frames lists them), got ${JSON.stringify(name)}`,
    )
  }

  #endpoint(end: End): Endpoint | undefined {
    return this.scene.world.ledger.endpoint(end)
  }

  /** The complaint where a place is not there. */
  #missing(place: Place): string | null {
    return place === 'new' || this.#endpoint(place) !== undefined
      ? null
      : `expected an endpoint that exists (who lists them), got ${endName(place)}`
  }

  #place(place: Place): End {
    return place === 'new' ? { side: 'server', n: this.scene.world.ledger.servers.length } : place
  }

  /** The index of a client in the actions; or a complaint. */
  #indexOf(id: number): Parsed<number> {
    const index = this.scene.clients.indexOf(id)
    return index >= 0
      ? { kind: 'ok', value: index }
      : bad(`expected a client with a key (${formatIds(this.scene.clients)}), got ${id}`)
  }

  /** A client run in the middle of a session, and its connection. */
  #session(run: End): Parsed<{ readonly run: Endpoint; readonly connection: Endpoint }> {
    const me = this.#endpoint(run)
    const partner = this.scene.partner(run)
    return me?.node?.phase === 'ACTIVE' && !me.ended && partner !== null && !partner.ended
      ? { kind: 'ok', value: { run: me, connection: partner } }
      : bad(`expected a client in a session (who lists them), got ${endName(run)}`)
  }

  // tactics

  async #client(id: number, rounds: readonly (readonly number[])[]): Promise<string | null> {
    const client = this.#indexOf(id)
    if (client.kind === 'bad') return client.why
    const { events } = await this.#act({ do: 'converse', client: client.value, rounds: 0 }, null, true)
    const conversed = events.find((e) => e.on === 'conversed')
    if (conversed === undefined) return null
    if (!events.some((e) => e.on === 'opened'))
      this.#note(`client ${id} goes on with its session (${endName(conversed.run)})`)
    if (this.#session(conversed.run).kind === 'bad')
      return `client ${id} got no session; most likely the server has other keys, or another mode, than given here`
    for (const values of rounds) {
      const why = await this.#user(conversed.run, { do: 'submit', run: conversed.run.n, values })
      if (why !== null) return why
    }
    return null
  }

  /** The user of a client does something; the network passes on what follows, unless somebody sits in the middle. */
  async #user(run: End, action: Extract<Action, { do: 'submit' | 'finish' }>): Promise<string | null> {
    const session = this.#session(run)
    if (session.kind === 'bad') return session.why
    const connection = session.value.connection.at
    const { events } = await this.#act(action, null, true)
    if (this.middle.has(run)) return null
    const sent = events.some((e) => e.on === 'sent' && sameEnd(e.at, run))
    if (!sent && action.do === 'finish') return this.#honest({ do: 'close', at: connection }) // §6: else by closing
    if (!sent) return `${endName(run)} sends nothing: one request at a time, 1 to 511 values up to 1e300 (§5)`
    const answered = await this.#pass(run, connection)
    if (answered && action.do === 'submit') await this.#pass(connection, run)
    return null
  }

  /** Delivers the newest frame of `from`; false where nothing came back. */
  async #pass(from: End, to: End): Promise<boolean> {
    const frame = this.scene.world.wire.sentBy(from).at(-1)
    if (frame === undefined) return false
    const { events } = await this.#act({ do: 'deliver', frame: frame.ref, to }, null, true)
    return events.some((e) => e.on === 'sent' && sameEnd(e.at, to))
  }

  async #again(
    name: string,
    to: Place | null,
    more: Pick<Extract<Action, { do: 'deliver' }>, 'edit'>,
    claim: number,
  ): Promise<string | null> {
    const frame = this.#frame(name)
    if (frame.kind === 'bad') return frame.why
    const place = to ?? this.#usual(frame.value.ref)
    if (place === null) return `${name}: no client waits for it; say where to, as in: replay ${name} to c0`
    return (
      this.#missing(place) ??
      this.#strike({ do: 'deliver', frame: frame.value.ref, to: this.#place(place), ...more }, claim)
    )
  }

  /** Where a frame goes by itself: the other end of its session, else a new connection. */
  #usual({ by }: FrameRef): Place | null {
    const partner = this.scene.partner(by)
    if (partner !== null && !partner.ended) return partner.at
    return by.side === 'client' ? 'new' : null
  }

  async #nextData(c: Extract<Act, { do: 'corrupt' | 'round' }>): Promise<string | null> {
    const session = this.#session(c.run)
    if (session.kind === 'bad') return session.why
    const to = session.value.connection.at
    if (c.do === 'round') {
      const frame = { opcode: OP.DATA, id: 0, round: c.by, direction: 1, body: dataHex([1]) } as const
      return this.#strike({ do: 'seal', power: 'I', as: c.run, under: 'current', to, ...frame }, CLAIM.round)
    }
    const { corruption, keys } = c
    const at = session.value.run.node!
    const made = corruptedData({ as: c.run, to, at, corruption, keys, iv: this.#random(16) })
    if (made === null) return 'corrupt: expected keys that differ from the right ones, got the same'
    return this.#strike(made, keys === 'enc' ? CLAIM.encKey : CLAIM.macKey)
  }

  async #craft(place: Place, c: Craft): Promise<string | null> {
    const missing = this.#missing(place)
    if (missing !== null) return missing
    const to = this.#place(place)
    const owner =
      c.as === null ? to : ({ side: c.as.startsWith('c') ? 'client' : 'server', n: Number(c.as.slice(1)) } as const)
    const as =
      c.keys === 'initial'
        ? await this.#anyRun(this.#endpoint(owner)?.id ?? c.id)
        : { kind: 'ok' as const, value: owner }
    if (as.kind === 'bad') return as.why
    const from = this.#endpoint(as.value)
    const keys =
      c.keys === 'initial'
        ? from && this.scene.world.ledger.start(from.id!)
        : c.keys === 'previous'
          ? from?.previous
          : from?.node
    if (!keys)
      return `craft: expected a session with ${c.keys} keys, got ${endName(as.value)} (keys=initial needs none)`
    const expected = this.#endpoint(to)?.node?.round ?? 0
    const round = c.round.absolute ? c.round.by - expected : c.round.by
    const direction = c.direction ?? (to.side === 'server' ? 1 : 2)
    const { opcode, id, body } = c
    const pad = c.pad === null ? {} : { pad: c.pad }
    const frame = { opcode, id, round, direction, body, ...pad }
    const sealed: Seal = { do: 'seal', power: 'I', as: as.value, under: c.keys, to, ...frame }
    if (c.tag === 'valid') return this.#strike(sealed, CLAIM.craft)
    const header = { opcode, id: id === 0 ? keys.id : id, round: (expected + round) >>> 0, direction }
    const way = to.side === 'server' ? 'c2s' : 's2c'
    const right = keys.seal(way, header, fromHex(body), this.#random(16), c.pad === null ? undefined : fromHex(c.pad))
    return this.#strike({ do: 'inject', to, hex: toHex(framed(withTag(right, c.tag))) }, CLAIM.craft)
  }

  /** A run of a client, started where there is none: the language names initial keys by one. */
  async #anyRun(id: number): Promise<Parsed<End>> {
    const known = this.scene.world.ledger.clients.find((e) => e.id === id)
    if (known !== undefined) return { kind: 'ok', value: known.at }
    const client = this.#indexOf(id)
    if (client.kind === 'bad') return bad(`craft: id: ${client.why}`)
    await this.#honest({ do: 'connect', client: client.value })
    return { kind: 'ok', value: this.scene.world.ledger.clients.at(-1)!.at }
  }

  // in the middle

  async #sitInTheMiddle(id: number): Promise<string | null> {
    const client = this.#indexOf(id)
    if (client.kind === 'bad') return client.why
    this.middle.add({ side: 'client', n: this.scene.world.ledger.clients.length })
    return this.#honest({ do: 'connect', client: client.value })
  }

  async #decide(d: Decision): Promise<string | null> {
    const waiting = this.middle.waiting[0]
    if (waiting === undefined)
      return 'expected a frame that waits for a decision, got none (middle ID starts a session)'
    const { ref } = waiting
    const deliver = (): Extract<Action, { do: 'deliver' }> => ({
      do: 'deliver',
      frame: ref,
      to: this.middle.towards(ref),
    })
    switch (d.do) {
      case 'pass':
        this.middle.decided()
        return this.#honest(deliver())
      case 'rest':
        for (let most = 64; most > 0 && this.middle.waiting.length > 0; most--) await this.#decide({ do: 'pass' })
        return null
      case 'drop':
        this.middle.decided()
        return null
      case 'delay':
        if (d.ms !== null) return 'delay: expected no time here: it goes behind the others, and waits until you pass it'
        this.middle.postpone()
        return null
      case 'duplicate':
        this.middle.decided()
        await this.#honest(deliver())
        return this.#strike(deliver(), CLAIM.middle)
      case 'edit':
        this.middle.decided()
        return this.#strike({ ...deliver(), edit: d.edit }, CLAIM.middle)
    }
  }
}
