/** Does what a command says: looks up what it names, makes actions of it, plays them. */
import { endName, sameEnd } from '../../../../spec/events.ts'
import type { Action, End, FrameRef } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { formatIds } from '../../../../src/cli/keyring.ts'
import { dataHex } from '../../../harness/generate/payloads.ts'
import { stream } from '../../../harness/rng.ts'
import { UsageError } from '../../../harness/terminal/options.ts'
import { fromHex, toHex } from '../../../harness/wire.ts'
import type { Now } from '../arg.ts'
import type { Place } from '../arguments.ts'
import type { Craft } from '../craft.ts'
import type { Command, VerbName } from '../verbs.ts'
import { corruptedData, crafted, impersonation } from './forging.ts'
import { Lookup } from './lookup.ts'
import type { Happened, RemotePlay } from './remote-play.ts'
import { Waiting } from './waiting.ts'

/** One action and what came of it; `terse`: what honest parties do, of which only what is odd needs words. */
export interface Outcome {
  readonly happened: Happened
  readonly terse: boolean
  readonly note?: string // beside it
}

/** The commands that act on the network; the others only show or write something. */
type OnNetwork = Command<Exclude<VerbName, 'save' | 'frames' | 'who' | 'help' | 'quit'>>
type Deliver = Extract<Action, { do: 'deliver' }>

/** Of PROTOCOL §9: what the commands attack. */
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

const MOST_PASSED = 64 // frames of one `rest`: each may bring an answer

export class Attacker {
  readonly waiting: Waiting
  readonly #play: RemotePlay
  readonly #look: Lookup
  readonly #random: (bytes: number) => Uint8Array
  #outcomes: Outcome[] = []

  constructor(play: RemotePlay) {
    this.#play = play
    this.#look = new Lookup(play)
    this.waiting = new Waiting(play.world)
    this.#random = stream(play.target.seed, 'attacker')
  }

  /** What there is to choose from. */
  get now(): Now {
    return { ...this.#look.choices, waiting: this.waiting.first?.id ?? null, timed: false }
  }

  /** What came of it, action by action; and why it was not done, or not wholly. */
  async do(c: OnNetwork): Promise<{ readonly outcomes: readonly Outcome[]; readonly why: string | null }> {
    this.#outcomes = []
    try {
      await this.#do(c)
      return { outcomes: this.#outcomes, why: null }
    } catch (e) {
      if (!(e instanceof UsageError)) throw e
      return { outcomes: this.#outcomes, why: e.message }
    }
  }

  async #do(c: OnNetwork): Promise<Happened | null> {
    switch (c.do) {
      case 'converse':
        return this.#converse(c.id, c.rounds)
      case 'connect': {
        const client = this.#look.client(c.id)
        this.waiting.add({ side: 'client', n: this.#play.world.ledger.clients.length })
        return this.#honest({ do: 'connect', client })
      }
      case 'submit':
        return this.#user(c.run, { do: 'submit', run: c.run.n, values: c.values })
      case 'finish':
        return this.#user(c.run, { do: 'finish', run: c.run.n })
      case 'deliver': {
        const { ref } = this.#look.frame(c.frame)
        const place = c.to ?? this.#usual(ref)
        if (place === null)
          throw new UsageError(`${c.frame}: no client waits for it; say where to, as in: deliver ${c.frame} to c0`)
        const edit = c.edit === null ? {} : { edit: c.edit }
        const to = this.#look.place(place)
        return this.#attack({ do: 'deliver', frame: ref, to, ...edit }, c.edit === null ? CLAIM.replay : CLAIM.modify)
      }
      case 'reflect': {
        const { ref } = this.#look.frame(c.frame)
        return this.#attack({ do: 'deliver', frame: ref, to: ref.by }, CLAIM.reflect)
      }
      case 'seal':
        return this.#craft(c.to, c.craft)
      case 'round': {
        const to = this.#look.session(c.run).connection.at
        const frame = { opcode: OP.DATA, id: 0, round: c.by, direction: 1, body: dataHex([1]) } as const
        return this.#attack({ do: 'seal', power: 'I', as: c.run, under: 'current', to, ...frame }, CLAIM.round)
      }
      case 'corrupt': {
        const { run, connection } = this.#look.session(c.run)
        const { corruption, keys } = c
        const random = this.#random(16)
        const made = corruptedData({ as: c.run, to: connection.at, at: run.node!, corruption, keys, iv: random })
        if (made === null) throw new UsageError('corrupt: expected keys that differ from the right ones, got the same')
        return this.#attack(made, keys === 'enc' ? CLAIM.encKey : CLAIM.macKey)
      }
      case 'impersonate': {
        const { keyring, mode } = this.#play.target
        const known = keyring.get(c.id)
        if (known !== undefined && toHex(known) === c.key)
          throw new UsageError(
            `impersonate: expected another key than that of client ${c.id}; with its own, use converse ${c.id}`,
          )
        const made = impersonation(mode, c.id, fromHex(c.key), this.#look.place('new'), this.#random(16))
        return this.#attack(made, CLAIM.impersonate)
      }
      case 'inject':
        return this.#attack({ do: 'inject', to: this.#look.place(c.to), hex: c.hex }, CLAIM.craft)
      case 'close':
        return this.#honest({ do: 'close', at: this.#look.place(c.at) })
      case 'rest':
        for (let most = MOST_PASSED; most > 0 && this.waiting.first !== null; most--) await this.#do({ do: 'pass' })
        return null
      case 'pass':
        return this.#honest(this.#waitingFrame())
      case 'drop':
        this.#waitingFrame()
        return null
      case 'delay':
        if (c.ms !== null)
          throw new UsageError('delay: expected no time here: it goes behind the others, and waits until you pass it')
        this.#waitingFrame()
        this.waiting.putBack()
        return null
      case 'duplicate': {
        const action = this.#waitingFrame()
        await this.#honest(action)
        return this.#attack(action, CLAIM.middle)
      }
      case 'flip':
      case 'set':
      case 'cut':
      case 'extend':
        return this.#attack({ ...this.#waitingFrame(), edit: c.edit }, CLAIM.middle)
    }
  }

  // playing

  async #act(action: Action, claim: number | null, terse: boolean): Promise<Happened> {
    const happened = await this.#play.act(action, claim)
    this.waiting.look()
    this.#outcomes.push({ happened, terse })
    return happened
  }

  #attack(action: Action, claim: number): Promise<Happened> {
    return this.#act(action, claim, false)
  }

  #honest(action: Action): Promise<Happened> {
    return this.#act(action, null, true)
  }

  /** The frame that waits for a decision waits no longer; it as an action that passes it on. */
  #waitingFrame(): Deliver {
    const frame = this.waiting.take()
    if (frame === null)
      throw new UsageError('expected a frame that waits for a decision, got none (connect ID starts a session)')
    return { do: 'deliver', frame: frame.ref, to: this.waiting.towards(frame.ref) }
  }

  /** Where a frame goes by itself: the other end of its session, else a new connection. */
  #usual({ by }: FrameRef): Place | null {
    const partner = this.#play.partner(by)
    if (partner !== null && !partner.ended) return partner.at
    return by.side === 'client' ? 'new' : null
  }

  // legitimate clients

  async #converse(id: number, rounds: readonly (readonly number[])[]): Promise<null> {
    const { events } = await this.#honest({ do: 'converse', client: this.#look.client(id), rounds: 0 })
    const conversed = events.find((e) => e.on === 'conversed')
    if (conversed === undefined) return null
    const { run } = conversed
    if (!events.some((e) => e.on === 'opened')) {
      const note = `client ${id} goes on with its session (${endName(run)})`
      this.#outcomes.push({ ...this.#outcomes.pop()!, note })
    }
    if (!this.#look.inSession(run))
      throw new UsageError(
        `client ${id} got no session; most likely the server has other keys, or another mode, than given here`,
      )
    for (const values of rounds) await this.#user(run, { do: 'submit', run: run.n, values })
    return null
  }

  /** The user of a client does something; the network passes on what follows, unless somebody sits in the middle. */
  async #user(run: End, action: Extract<Action, { do: 'submit' | 'finish' }>): Promise<Happened | null> {
    const connection = this.#look.session(run).connection.at
    const { events } = await this.#honest(action)
    if (this.waiting.has(run)) return null
    const sent = events.some((e) => e.on === 'sent' && sameEnd(e.at, run))
    if (!sent && action.do === 'finish') return this.#honest({ do: 'close', at: connection }) // §6: else by closing
    if (!sent)
      throw new UsageError(`${endName(run)} sends nothing: one request at a time, 1 to 511 values up to 1e300 (§5)`)
    const answered = await this.#pass(run, connection)
    if (answered && action.do === 'submit') await this.#pass(connection, run)
    return null
  }

  /** Delivers the newest frame of `from`; false where nothing came back. */
  async #pass(from: End, to: End): Promise<boolean> {
    const frame = this.#play.world.wire.sentBy(from).at(-1)
    if (frame === undefined) return false
    const { events } = await this.#honest({ do: 'deliver', frame: frame.ref, to })
    return events.some((e) => e.on === 'sent' && sameEnd(e.at, to))
  }

  // insiders

  async #craft(place: Place, c: Craft): Promise<Happened> {
    const { ledger } = this.#play.world
    const to = this.#look.place(place)
    const owner = c.as ?? to
    const as = c.keys === 'initial' ? await this.#anyRun(ledger.endpoint(owner)?.id ?? c.id) : owner
    const made = crafted(ledger, { as, to, craft: c, random: this.#random })
    if (made === null)
      throw new UsageError(`seal: expected a session with ${c.keys} keys, got ${endName(as)} (keys=initial needs none)`)
    return this.#attack(made, CLAIM.craft)
  }

  /** A run of a client, started where there is none: the language names initial keys by one. */
  async #anyRun(id: number): Promise<End> {
    const { ledger } = this.#play.world
    const known = ledger.clients.find((e) => e.id === id)
    if (known !== undefined) return known.at
    const { clients } = this.#play
    const client = clients.indexOf(id)
    if (client < 0) throw new UsageError(`seal: id: expected a client with a key (${formatIds(clients)}), got ${id}`)
    await this.#honest({ do: 'connect', client })
    return ledger.clients.at(-1)!.at
  }
}
