/** Does what a command says: looks up what it names, makes actions of it, plays them, tells what came of them. */
import { endName, sameEnd } from '../../../../spec/events.ts'
import type { Action, End } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { frameText } from '../../../harness/attack/frames.ts'
import { mustHold } from '../../../harness/attack/perform.ts'
import { dataHex } from '../../../harness/generate/payloads.ts'
import type { Screen } from '../../../harness/terminal/command.ts'
import { UsageError } from '../../../harness/terminal/options.ts'
import { stream } from '../../../harness/world/rng.ts'
import { fromHex, toHex } from '../../../harness/world/wire.ts'
import type { Place } from '../arguments.ts'
import type { Craft } from '../craft.ts'
import { teller } from '../surroundings.ts'
import { ATTACK_VERBS, type Command, helpOf, type VerbName } from '../verbs.ts'
import type { Now } from '../words.ts'
import { bystanders, reactions, violations } from './explain.ts'
import { corruptedData, crafted, impersonation } from './forging.ts'
import { Network, standing } from './network.ts'
import type { Happened, RemotePlay } from './remote-play.ts'
import { save } from './saved.ts'

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
  readonly #play: RemotePlay
  readonly #network: Network
  readonly #screen: Screen
  readonly #say: ReturnType<typeof teller>
  readonly #random: (bytes: number) => Uint8Array
  readonly #saved = new Set<string>() // files that this session wrote, and may write again
  #odd = false

  constructor(play: RemotePlay, screen: Screen) {
    this.#play = play
    this.#network = new Network(play)
    this.#screen = screen
    this.#say = teller(screen)
    this.#random = stream(play.target.seed, 'attacker')
  }

  /** Exit code: whether a peer did something that PROTOCOL does not want. */
  get code(): 0 | 1 {
    return this.#odd ? 1 : 0
  }

  /** What there is to choose from. */
  get now(): Now {
    return this.#network.now
  }

  /** Shows what the server did while nobody did anything. */
  async meanwhile(): Promise<void> {
    const happened = await this.#play.meanwhile()
    if (happened.events.length > 0) this.#show(happened, true)
  }

  /** Throws a UsageError where it cannot be done, or not wholly; what came of it is shown all the same. */
  async do(c: Command<Exclude<VerbName, 'quit'>>): Promise<void> {
    const { world } = this.#play
    const { columns } = this.#screen
    switch (c.do) {
      case 'frames':
        return this.#list(
          this.#play.frames().map((f) => frameText(f, columns)),
          'nothing was captured yet',
        )
      case 'who':
        return this.#list([...world.ledger.clients, ...world.ledger.servers].map(standing), 'nobody yet')
      case 'help':
        return this.#list(helpOf(ATTACK_VERBS).split('\n'))
      case 'save':
        return this.#list(save(this.#play, c.file, this.#saved))
      default: {
        await this.#act(c)
        const { waiting } = this.#network
        const label = 'waits: '
        if (waiting !== null)
          this.#say(label + frameText(this.#play.frames([waiting.id])[0]!, columns && columns - label.length))
      }
    }
  }

  async #act(c: Command<Exclude<VerbName, 'frames' | 'who' | 'help' | 'save' | 'quit'>>): Promise<unknown> {
    const network = this.#network
    switch (c.do) {
      case 'converse':
        return this.#converse(c.id, c.rounds)
      case 'connect': {
        const client = network.client(c.id)
        network.holdNext()
        return this.#honest({ do: 'connect', client })
      }
      case 'submit':
        return this.#user(c.run, { do: 'submit', run: c.run.n, values: c.values })
      case 'finish':
        return this.#user(c.run, { do: 'finish', run: c.run.n })
      case 'deliver': {
        const { ref } = network.frame(c.frame)
        const place = c.to ?? network.usual(ref)
        if (place === null)
          throw new UsageError(`${c.frame}: no client waits for it; say where to, as in: deliver ${c.frame} to c0`)
        const edit = c.edit === null ? {} : { edit: c.edit }
        const claim = c.edit === null ? CLAIM.replay : CLAIM.modify
        return this.#attack({ do: 'deliver', frame: ref, to: network.place(place), ...edit }, claim)
      }
      case 'reflect': {
        const { ref } = network.frame(c.frame)
        return this.#attack({ do: 'deliver', frame: ref, to: ref.by }, CLAIM.reflect)
      }
      case 'seal':
        return this.#craft(c.to, c.craft)
      case 'round': {
        const to = network.session(c.run).connection.at
        const frame = { opcode: OP.DATA, id: 0, round: c.by, direction: 1, body: dataHex([1]) } as const
        return this.#attack({ do: 'seal', power: 'I', as: c.run, under: 'current', to, ...frame }, CLAIM.round)
      }
      case 'corrupt': {
        const { run, connection } = network.session(c.run)
        const { corruption, keys } = c
        const iv = this.#random(16)
        const made = corruptedData({ as: c.run, to: connection.at, at: run.node!, corruption, keys, iv })
        if (made === null) throw new UsageError('corrupt: expected keys that differ from the right ones, got the same')
        return this.#attack(made, keys === 'enc' ? CLAIM.encKey : CLAIM.macKey)
      }
      case 'impersonate': {
        const { keyring } = this.#play.target
        const known = keyring.get(c.id)
        if (known !== undefined && toHex(known) === c.key)
          throw new UsageError(
            `impersonate: expected another key than that of client ${c.id}; with its own, use converse ${c.id}`,
          )
        const made = impersonation(this.#play.spoken, c.id, fromHex(c.key), network.place('new'), this.#random(16))
        return this.#attack(made, CLAIM.impersonate)
      }
      case 'inject':
        return this.#attack({ do: 'inject', to: network.place(c.to), hex: c.hex }, CLAIM.craft)
      case 'close':
        return this.#honest({ do: 'close', at: network.place(c.at) })
      case 'rest':
        for (let most = MOST_PASSED; most > 0 && network.waiting !== null; most--) await this.#act({ do: 'pass' })
        return
      case 'pass':
        return this.#honest(this.#waitingFrame())
      case 'drop':
        return network.take()
      case 'delay':
        if (c.ms !== null)
          throw new UsageError('delay: expected no time here: it goes behind the others, and waits until you pass it')
        return network.delay()
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

  // telling

  #list(lines: readonly string[], empty = ''): void {
    for (const line of lines.length === 0 ? [empty] : lines) this.#say(line)
  }

  /** `terse`: what honest parties do, of which only what is odd needs words. */
  #show(happened: Happened, terse: boolean): void {
    const { mode } = this.#play.target
    for (const line of happened.lines) this.#say(`  ${line}`)
    const remarks = [
      ...reactions(happened, terse),
      ...bystanders(happened),
      ...violations(happened, mode, (id) => mustHold(id, mode)),
    ]
    const red = (text: string): string => this.#screen.paint(text, 'red')
    for (const r of remarks) this.#say(`  ${r.text}`, r.odd ? red : undefined)
    this.#odd ||= remarks.some((r) => r.odd)
  }

  // playing

  async #attack(action: Action, claim: number | null): Promise<Happened> {
    const happened = await this.#play.act(action, claim)
    this.#network.look()
    this.#show(happened, claim === null)
    return happened
  }

  #honest(action: Action): Promise<Happened> {
    return this.#attack(action, null)
  }

  /** The frame that waits for a decision waits no longer; it as an action that passes it on. */
  #waitingFrame(): Deliver {
    const { ref } = this.#network.take()
    return { do: 'deliver', frame: ref, to: this.#network.towards(ref) }
  }

  // legitimate clients

  async #converse(id: number, rounds: readonly (readonly number[])[]): Promise<void> {
    const { events } = await this.#honest({ do: 'converse', client: this.#network.client(id), rounds: 0 })
    const conversed = events.find((e) => e.on === 'conversed')
    if (conversed === undefined) return
    const { run } = conversed
    if (!events.some((e) => e.on === 'opened')) this.#say(`  client ${id} goes on with its session (${endName(run)})`)
    if (!this.#network.inSession(run))
      throw new UsageError(
        `client ${id} got no session; most likely the server has other keys, or another mode, than given here`,
      )
    for (const values of rounds) await this.#user(run, { do: 'submit', run: run.n, values })
  }

  /** The user of a client does something; the network passes on what follows, unless somebody sits in the middle. */
  async #user(run: End, action: Extract<Action, { do: 'submit' | 'finish' }>): Promise<unknown> {
    const connection = this.#network.session(run).connection.at
    const { events } = await this.#honest(action)
    if (this.#network.isHeld(run)) return
    const sent = events.some((e) => e.on === 'sent' && sameEnd(e.at, run))
    if (!sent && action.do === 'finish') return this.#honest({ do: 'close', at: connection }) // §6: else by closing
    if (!sent)
      throw new UsageError(`${endName(run)} sends nothing: one request at a time, 1 to 511 values up to 1e300 (§5)`)
    const answered = await this.#pass(run, connection)
    if (answered && action.do === 'submit') await this.#pass(connection, run)
    return
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
    const to = this.#network.place(place)
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
    await this.#honest({ do: 'connect', client: this.#network.client(id, 'seal: id: ') })
    return ledger.clients.at(-1)!.at
  }
}
