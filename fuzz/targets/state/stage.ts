/**
 * A conversation that has come to its opening, from which executions go on: played once, then forked. Every monitor, the
 * model and the reference (shadow.ts) judge each of them.
 */
import { CHECKS } from '../../../properties/examine.ts'
import { Bench, Judge } from '../../../properties/judge.ts'
import { partyOf } from '../../../properties/parties/src.ts'
import { Player } from '../../../properties/player.ts'
import { KEYRING_IDS } from '../../../properties/random.ts'
import { type System, systemOf } from '../../../properties/system.ts'
import { type NameTable, newNames } from '../../../properties/wire.ts'
import type { World } from '../../../properties/world.ts'
import type { Event } from '../../../spec/events.ts'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import type { Action } from '../../../spec/language.ts'
import { Lockstep } from '../../../spec/lockstep.ts'
import { type Primitives, withPrimitives } from '../../../spec/reference/primitives.ts'
import type { Crypto } from '../../../src/index.ts'
import { Hang } from '../../hang.ts'
import { type Implementation, Mismatch, type Note } from '../../target.ts'
import { Facts } from './facts.ts'
import { CASTS, type Cast, OPENINGS, scheduleOf } from './openings.ts'
import { shadowed } from './shadow.ts'

/** What cryptography is done with: by the implementation, and by the reference and the tracker. */
export interface Provider {
  readonly crypto: Crypto
  readonly primitives: Primitives
}

/** What literal mode is known for is no finding. */
const EXPECTED_IN_LITERAL = new Set(CHECKS.filter((c) => c.literal === 'violated').map((c) => c.id))

/** Witnesses are for the reports of `prop`. */
const UNWITNESSED = INVARIANTS.map((i) => ({ ...i, witness: { ...i.witness, hit: () => false } }))

const SAYS = new Map(CHECKS.map((c) => [c.id, c.says]))

/**
 * Randomness repeats from one execution to the next, so that an input may hold a frame with a right tag that nobody has
 * sent so far. No adversary can have made it, so what follows proves nothing.
 */
const IMPOSSIBLE = new Error('a frame that nobody can have made')

interface Trouble {
  readonly reason: string
  readonly detail: string
}

/** The stages of one copy of the implementation, each made when it is first needed. */
export class Stages {
  readonly #system: System
  readonly #primitives: Primitives
  readonly #benches = new Map<string, Bench>()
  readonly #stages = new Map<number, Stage>()
  #trouble: Trouble | null = null
  #impossible = false

  constructor(src: Implementation, { crypto, primitives }: Provider) {
    const own = partyOf({ ...src, nodeCrypto: crypto })
    const differ = (why: string): void => {
      this.#trouble ??= { reason: 'differs from the reference', detail: why }
    }
    this.#system = systemOf('src', shadowed(own, differ), shadowed(own, differ))
    this.#primitives = primitives
  }

  /** Goes on from an opening; throws a Mismatch after the first action that shows something wrong. */
  play(cast: number, opening: number, perform: (player: Player) => void, note: Note): void {
    withPrimitives(this.#primitives, () => {
      const c = cast % CASTS.length
      const o = opening % OPENINGS.length
      const stage = this.#stageAt(c, o)
      const facts = new Facts(
        note,
        stage.ends.map((e) => [e.at, e.view!]),
      )
      try {
        this.#continue(CASTS[c]!, stage, perform, facts)
      } catch (e) {
        if (e !== IMPOSSIBLE) throw e
      }
    })
  }

  /** An opening that cannot be reached is itself a finding, for every input that begins there. */
  #stageAt(cast: number, opening: number): Stage {
    const n = cast * OPENINGS.length + opening
    const known = this.#stages.get(n)
    if (known !== undefined) return known
    const made = this.#continue(CASTS[cast]!, null, playing(OPENINGS[opening]!.actions), null)
    this.#stages.set(n, made)
    return made
  }

  #continue(cast: Cast, from: Stage | null, perform: (player: Player) => void, facts: Facts | null): Stage {
    const schedule = scheduleOf(cast, [])
    const names = newNames(from?.names)
    const length = (frame: Parameters<typeof names.frames.bytes>[0]): number => names.frames.bytes(frame).length
    const bench = this.#bench(cast.powers)
    const judge = new Judge(bench, from?.judge)
    const lockstep = from === null ? new Lockstep(schedule, KEYRING_IDS, length) : from.lockstep.fork(length)
    this.#trouble = null
    this.#impossible = false
    let injecting = false
    const observe = (e: Event): void => {
      if (e.on === 'step') injecting = e.action.do === 'inject'
      if (e.on === 'delivered' && e.origin === 'altered' && e.frame !== null)
        this.#impossible ||= player.world.ledger.verifies(e.frame, e.at)
      // PROTOCOL §4: a DATA in the last round gets no verdict, so nobody is told of it; no opening has one on its way.
      if (e.on === 'ended' && e.at.side === 'server' && e.by === 'finish') this.#impossible ||= injecting
      if (e.on === 'fault') this.#trouble ??= faultOf(e.error)
      judge.observe(e, player.world.ledger)
      const difference = lockstep.observe(e)
      if (difference !== null)
        this.#trouble ??= {
          reason: 'SPEC: not among what the model allows',
          detail: `saw ${difference.saw}; the model allows ${difference.allowed.join(' or ')}`,
        }
      facts?.see(e)
      if (e.on === 'settled') this.#settled(judge, cast)
    }
    const player: Player = new Player(schedule, this.#system, observe, names, from?.world)
    perform(player)
    return { names, judge, lockstep, world: player.world, ends: endsOf(player.world) }
  }

  #settled(judge: Judge, { mode }: Cast): void {
    if (this.#impossible) throw IMPOSSIBLE
    const found = judge.findings.filter((f) => mode === 'bound' || !EXPECTED_IN_LITERAL.has(f.invariant))
    const first = found[0]
    if (first !== undefined) throw new Mismatch(`${first.invariant}: ${SAYS.get(first.invariant)}`, first.why)
    if (this.#trouble !== null) throw new Mismatch(this.#trouble.reason, this.#trouble.detail)
  }

  #bench(powers: string): Bench {
    const known = this.#benches.get(powers) ?? new Bench(UNWITNESSED, powers, this.#system.emits)
    this.#benches.set(powers, known)
    return known
  }
}

/** In memory nothing needs waiting for. */
export const playing =
  (actions: readonly Action[]) =>
  (player: Player): void => {
    for (const _ of player.play(actions));
  }

interface Stage {
  readonly names: NameTable
  readonly judge: Judge
  readonly lockstep: Lockstep
  readonly world: World
  /** Those that show a state. */
  readonly ends: ReturnType<typeof endsOf>
}

const endsOf = ({ ledger }: World) => [...ledger.clients, ...ledger.servers].filter((e) => e.view !== null)

/** The world turns what is thrown into an event; a loop that does not end is more than that. */
const faultOf = (error: string): Trouble => {
  if (error.startsWith('Hang:')) throw new Hang(error.slice('Hang: '.length))
  const reason = `F1: an exception escapes: ${error.split('\n')[0]!.replace(/\d+/g, 'N').slice(0, 80)}`
  return { reason, detail: error }
}
