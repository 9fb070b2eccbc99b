/**
 * A conversation that has come to its opening, from which executions go on: played once, then forked. Every monitor, the
 * model and the reference (shadow.ts) judge each of them.
 */
import { CHECKS, isExpected } from '../../../properties/harness/judging/examine.ts'
import { MonitorSet, Monitors } from '../../../properties/harness/judging/monitors.ts'
import { partyOf } from '../../../properties/harness/parties/src.ts'
import { Player } from '../../../properties/harness/world/play.ts'
import { KEYRING_IDS } from '../../../properties/harness/world/rng.ts'
import { type System, systemOf } from '../../../properties/harness/world/system.ts'
import { type NameTable, newNames } from '../../../properties/harness/world/wire.ts'
import type { World } from '../../../properties/harness/world/world.ts'
import { Lockstep } from '../../../spec/checker/lockstep.ts'
import type { Event } from '../../../spec/events.ts'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import type { Action } from '../../../spec/language.ts'
import { NOBLE, type Primitives, withPrimitives } from '../../../spec/reference/primitives.ts'
import type { Crypto } from '../../../src/index.ts'
import { Hang, type Implementation, Mismatch, type Note } from '../../engine/target.ts'
import { Facts } from './facts.ts'
import { OPENINGS, SETTINGS, type Setting, scheduleOf } from './openings.ts'
import { shadowed } from './shadow.ts'

/** What cryptography is done with: by the implementation, and by the reference and the tracker. */
export interface Provider {
  readonly crypto: Crypto
  readonly primitives: Primitives
}

/** What an implementation brings with it, and noble for the others. */
export const realProvider = (src: Implementation): Provider => ({ crypto: src.nodeCrypto, primitives: NOBLE })

/** Witnesses are for the reports of `prop`. */
const UNWITNESSED = INVARIANTS.map((i) => ({ ...i, witness: { ...i.witness, hit: () => false } }))

const SAYS = new Map(CHECKS.map((c) => [c.id, c.says]))

/**
 * Randomness repeats from one execution to the next, so that an input may hold a frame with a right tag that nobody has
 * sent so far. No adversary can have made it, so what follows proves nothing.
 */
const IMPOSSIBLE = new Error('a frame that nobody can have made')

/** Nothing that an execution begins with was there before. */
const ANEW = { same: 0, known: 0 }

interface Trouble {
  readonly reason: string
  readonly detail: string
}

/** The checkpoints of one copy of the implementation, each made when it is first needed. */
export class Checkpoints {
  readonly #system: System
  readonly #primitives: Primitives
  readonly #counts: Uint32Array | null
  readonly #benches = new Map<string, MonitorSet>()
  readonly #openings = new Map<number, Checkpoint>()
  /** Where executions were after actions that others begin with too, the shortest first. */
  #kept: readonly Checkpoint[] = []
  #trouble: Trouble | null = null
  #impossible = false

  /** `counts`: the counters of branches of this copy, null where nobody looks. */
  constructor(src: Implementation, { crypto, primitives }: Provider, counts: Uint32Array | null) {
    const own = partyOf({ ...src, nodeCrypto: crypto })
    const beside = shadowed(own, (why) => {
      this.#trouble ??= { reason: 'differs from the reference', detail: why }
    })
    const aside = <T>(run: () => T): T => {
      const before = counts?.slice()
      const done = run()
      if (before !== undefined) counts?.set(before)
      return done
    }
    this.#system = { ...systemOf('src', beside, beside), aside }
    this.#primitives = primitives
    this.#counts = counts
  }

  /**
   * Goes on from an opening; throws a Mismatch after the first action that shows something wrong. `same`: how many
   * actions are those that earlier calls began with, from the same opening, and `known`: as many of them as the checkpoints
   * kept since are about; what they do is not played again.
   */
  play(setting: number, opening: number, actions: readonly Action[], note: Note, { same, known } = ANEW): void {
    withPrimitives(this.#primitives, () => {
      try {
        const from = this.#openingOf(setting, opening)
        if (same > known) this.#kept = this.#kept.filter((s) => s.played <= known)
        const checkpoint =
          same === 0 ? from : this.#checkpointAfter(SETTINGS[setting]!, from, actions.slice(0, same), note)
        this.#continue(SETTINGS[setting]!, checkpoint, actions.slice(checkpoint.played), note)
      } catch (e) {
        if (e !== IMPOSSIBLE) throw e
      }
    })
  }

  /** An opening that cannot be reached is itself a finding, for every input that begins there. */
  #openingOf(setting: number, opening: number): Checkpoint {
    const n = setting * OPENINGS.length + opening
    const known = this.#openings.get(n)
    if (known !== undefined) return known
    const made = this.#continue(SETTINGS[setting]!, null, OPENINGS[opening]!.actions, () => {})
    this.#counts?.fill(0) // the way to it is nobody's execution
    const facts = new Facts(() => {})
    const { clients, servers } = made.world.ledger
    for (const { at, view } of [...clients, ...servers]) if (view !== null) facts.know(at, view)
    const checkpoint = { ...made, facts, played: 0 }
    this.#openings.set(n, checkpoint)
    return checkpoint
  }

  /** Where the execution stands after `actions`, with everything noted that led there. */
  #checkpointAfter(setting: Setting, opening: Checkpoint, actions: readonly Action[], note: Note): Checkpoint {
    const from = this.#kept.findLast((s) => s.played <= actions.length) ?? opening
    if (from.counts !== null) this.#counts?.set(from.counts)
    for (const n of from.shown) note(n >> 8, n & 0xff)
    if (from.played === actions.length) return from
    const shown = [...from.shown]
    const noting: Note = (tag, value) => {
      shown.push((tag << 8) | value)
      note(tag, value)
    }
    const made = this.#continue(setting, from, actions.slice(from.played), noting)
    const checkpoint = { ...made, shown: [...new Set(shown)], counts: this.#counts?.slice() ?? null }
    this.#kept = [...this.#kept, checkpoint].sort((a, b) => a.played - b.played)
    return checkpoint
  }

  #continue(setting: Setting, from: Checkpoint | null, actions: readonly Action[], note: Note): Checkpoint {
    const schedule = scheduleOf(setting, [])
    const names = newNames(from?.names)
    const length = (frame: Parameters<typeof names.frames.bytes>[0]): number => names.frames.bytes(frame).length
    const bench = this.#bench(setting.powers)
    const judge = new Monitors(bench, from?.judge)
    const lockstep = from === null ? new Lockstep(schedule, KEYRING_IDS, length) : from.lockstep.fork(length)
    const facts = new Facts(note, from?.facts)
    this.#trouble = null
    this.#impossible = false
    const observe = (e: Event): void => {
      if (e.on === 'delivered' && e.origin === 'altered' && e.frame !== null)
        this.#impossible ||= player.world.ledger.verifies(e.frame, e.at)
      if (e.on === 'fault') this.#trouble ??= faultOf(e.error)
      judge.observe(e, player.world.ledger)
      const difference = lockstep.observe(e)
      if (difference !== null)
        this.#trouble ??= {
          reason: 'SPEC: not among what the model allows',
          detail: `saw ${difference.saw}; the model allows ${difference.allowed.join(' or ')}`,
        }
      facts.see(e)
      if (e.on === 'settled') this.#settled(judge, setting)
    }
    const player: Player = new Player(schedule, this.#system, observe, names, from?.world)
    const before = from?.played ?? 0
    for (const [i, action] of actions.entries()) for (const _ of player.step(before + i, action)); // nothing to wait for
    const played = before + actions.length
    return { names, judge, lockstep, facts, world: player.world, played, shown: [], counts: null }
  }

  #settled(judge: Monitors, { mode }: Setting): void {
    if (this.#impossible) throw IMPOSSIBLE
    const first = judge.findings.find((f) => !isExpected(f.invariant, mode))
    if (first !== undefined) throw new Mismatch(`${first.invariant}: ${SAYS.get(first.invariant)}`, first.why)
    if (this.#trouble !== null) throw new Mismatch(this.#trouble.reason, this.#trouble.detail)
  }

  #bench(powers: string): MonitorSet {
    const known = this.#benches.get(powers) ?? new MonitorSet(UNWITNESSED, powers, this.#system)
    this.#benches.set(powers, known)
    return known
  }
}

interface Checkpoint {
  readonly names: NameTable
  readonly judge: Monitors
  readonly lockstep: Lockstep
  readonly facts: Facts
  readonly world: World
  /** Actions since the opening. */
  readonly played: number
  /** What was noted since then, and which branches were counted. */
  readonly shown: readonly number[]
  readonly counts: Uint32Array | null
}

/** The world turns what is thrown into an event; a loop that does not end is more than that. */
const faultOf = (error: string): Trouble => {
  if (error.startsWith('Hang:')) throw new Hang(error.slice('Hang: '.length))
  const reason = `F1: an exception escapes: ${error.split('\n')[0]!.replace(/\d+/g, 'N').slice(0, 80)}`
  return { reason, detail: error }
}
