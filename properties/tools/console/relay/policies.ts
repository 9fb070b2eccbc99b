/**
 * Who decides what becomes of the frames at a relay: nobody, a schedule, or a person; and the actions of the schedule language
 * that a relay can do: clients act as they like, so only those of a network.
 */
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { endName } from '../../../../spec/events.ts'
import type { Action, End, FrameRef, Pick, Schedule } from '../../../../spec/language.ts'
import { opposite } from '../../../harness/attack/frames.ts'
import { UsageError } from '../../../harness/terminal/options.ts'
import { caption, editText } from '../../../harness/trace/trace.ts'
import { chunksOf } from '../../../harness/world/actions.ts'
import { fromHex, type WireFrame } from '../../../harness/world/wire.ts'
import type { Place } from '../arguments.ts'
import type { Prompter } from '../surroundings.ts'
import { type Command, helpOf, menuOf, parseCommand, RELAY_VERBS } from '../verbs.ts'
import { asChoices, type Now, shown } from '../words.ts'
import type { Middle, Policy } from './middle.ts'

export type RelayAction =
  | Extract<Action, { do: 'deliver' | 'inject' | 'advance' }>
  | { readonly do: 'close'; readonly at: End }

const byOrigin = (p: Pick): p is FrameRef => typeof p !== 'number' && 'by' in p

const picksOf = (a: RelayAction): readonly Pick[] =>
  a.do === 'deliver' ? [a.frame, ...(a.with ?? []), ...(a.edit?.do === 'splice' ? [a.edit.from] : [])] : []

/** The frames it names. */
const framesOf = (a: RelayAction): readonly FrameRef[] => picksOf(a).filter(byOrigin)

/** Whether an action has to do with connection `n`. */
const concerns = (a: RelayAction, n: number): boolean =>
  ('to' in a && a.to.n === n) || ('at' in a && a.at.n === n) || framesOf(a).some((p) => p.by.n === n)

const CAN = ['deliver', 'inject', 'close', 'advance'] as const satisfies readonly Action['do'][]

/** The actions of a schedule from the file `name`. Throws a UsageError at the first that a relay cannot do. */
export const relayActions = (name: string, s: Schedule, d: Dialect): readonly RelayAction[] =>
  s.actions.map((a, i) => {
    const refused = (expected: string, got: string): UsageError =>
      new UsageError(`${name}: actions[${i}]: expected ${expected}, got ${got}`)
    if (!isForRelay(a)) throw refused(`one that a relay can do (${CAN.join(', ')})`, a.do)
    const odd = picksOf(a).find((p) => !byOrigin(p))
    if (odd !== undefined) throw refused('frames named by origin', JSON.stringify(odd))
    if (a.do === 'deliver' && a.upTo !== undefined) throw refused('whole frames', JSON.stringify(a))
    if (d.framing.kind !== 'u32be' && a.do === 'deliver' && a.edit?.do === 'flip' && a.edit.at === 'length')
      throw refused('a part of the frame', `length, which is no u32be in dialect ${d.name}`)
    if ('to' in a && a.to.n < 0) throw refused('an end counted from 0', String(a.to.n))
    return a
  })

const isForRelay = (a: Action): a is RelayAction => CAN.some((d) => d === a.do)

/**
 * What does an action; null: its frames have not arrived, or its connection is not there. One past the last connection is
 * opened (language.ts). `passed`: what follows when the time of an `advance` has passed.
 */
const prepare = (middle: Middle, a: RelayAction, passed: () => void = () => {}): (() => void) | null => {
  const says = caption(a, null)
  const { wire, connections } = middle
  if ('to' in a && a.to.n >= connections + (a.to.side === 'server' ? 1 : 0)) return null
  switch (a.do) {
    case 'deliver': {
      if (picksOf(a).some((p) => wire.pick(p, a.to.side) === undefined)) return null
      const [frame, ...more] = [a.frame, ...(a.with ?? [])].map((p) => wire.pick(p, a.to.side)!)
      const bytes = [middle.edited(frame!.bytes, a.to.side, a.edit), ...more.map((f) => middle.framed(f.bytes))]
      const note = says ?? `${frame!.id} delivered to ${endName(a.to)}`
      return () => middle.give(a.to, chunksOf(Buffer.concat(bytes), a.cuts ?? []), note)
    }
    case 'inject':
      return () => middle.give(a.to, [fromHex(a.hex)], says ?? '')
    case 'close':
      if (a.at.n >= connections) return null
      return () => {
        middle.say(`  ${says}`)
        middle.close(a.at.n)
      }
    case 'advance':
      return () => {
        middle.say(`  waits ${a.ms} ms`)
        middle.after(a.ms, passed)
      }
  }
}

export const passing = (middle: Middle): Policy => ({ opened() {}, frame: (f) => middle.pass(f), mayEnd: () => true })

const nameOf = ({ by, nth }: FrameRef): string => `${endName(by)} ${nth}`

/**
 * A schedule. Each action waits for its frames. Until the last one is done, a frame that no action names is dropped;
 * afterwards everything passes.
 */
export class Script implements Policy {
  readonly #actions: readonly RelayAction[]
  readonly #middle: Middle
  readonly #named: ReadonlySet<string>
  #next = 0
  #waiting = false // for time to pass

  constructor(actions: readonly RelayAction[], middle: Middle) {
    this.#actions = actions
    this.#middle = middle
    this.#named = new Set(actions.flatMap(framesOf).map(nameOf))
  }

  get #through(): boolean {
    return this.#next === this.#actions.length
  }

  opened(): void {
    this.#run()
  }

  frame(f: WireFrame): void {
    if (this.#through) {
      this.#middle.pass(f)
      return
    }
    const [before, named] = [this.#next, this.#named.has(nameOf(f.ref))]
    if (!named) this.#middle.say('  dropped: the schedule does not name it')
    this.#run()
    if (named && this.#next === before) this.#middle.say('  held')
  }

  mayEnd(n: number): boolean {
    return !this.#actions.slice(this.#next).some((a) => concerns(a, n))
  }

  #run(): void {
    while (!this.#waiting && !this.#through) {
      const action = this.#actions[this.#next]!
      const act = prepare(this.#middle, action, () => {
        this.#waiting = false
        this.#run()
      })
      if (act === null) return
      this.#next++
      this.#waiting = action.do === 'advance'
      act()
      if (this.#through) this.#middle.say('the schedule is through: everything passes now')
    }
  }
}

const DELAY_MS = 1_000 // where nobody says how long

/** A person, or lines from a pipe: each frame waits for a decision. */
export class ByHand implements Policy {
  readonly #middle: Middle
  readonly #prompter: Prompter
  readonly #noMore: 'rest' | 'quit'
  readonly #quit: () => void
  readonly #delayed = new Map<number, number>() // connection -> frames held back
  #passing = false

  /** `noMore`: what it means that there are no more commands. */
  constructor(middle: Middle, prompter: Prompter, noMore: 'rest' | 'quit', quit: () => void) {
    this.#middle = middle
    this.#prompter = prompter
    this.#noMore = noMore
    this.#quit = quit
  }

  opened(): void {}

  mayEnd(n: number): boolean {
    return (this.#delayed.get(n) ?? 0) === 0
  }

  async frame(f: WireFrame): Promise<void> {
    while (!this.#passing) {
      const line = (await this.#prompter.next(() => menuOf(RELAY_VERBS, this.#now(f)))) ?? this.#noMore
      try {
        if (this.#do(f, parseCommand(line, RELAY_VERBS))) return
      } catch (e) {
        if (!(e instanceof UsageError)) throw e
        this.#middle.say(`  ${e.message}`)
      }
    }
    this.#middle.pass(f)
  }

  #now(f: WireFrame): Now {
    const { connections, wire } = this.#middle
    const ends = (side: 'c' | 's') => asChoices(Array.from({ length: connections }, (_, n) => `${side}${n}`))
    const frames = asChoices([...new Set(wire.frames.map((x) => x.id))])
    return { clients: [], runs: ends('c'), connections: ends('s'), frames, waiting: f.id, timed: true }
  }

  /** True: nothing more is to be asked about the frame. Throws a UsageError. */
  #do(f: WireFrame, c: Command<(typeof RELAY_VERBS)[number]>): boolean {
    const middle = this.#middle
    const to = opposite(f.ref.by)
    switch (c.do) {
      case 'rest':
        this.#passing = true // and this one first
        return false
      case 'pass':
        middle.pass(f)
        return true
      case 'drop':
        middle.say('  dropped')
        return true
      case 'duplicate':
        middle.pass(f)
        middle.pass(f, 'once more')
        return true
      case 'flip':
      case 'set':
      case 'cut':
      case 'extend':
        middle.give(to, [middle.edited(f.bytes, to.side, c.edit)], `edited: ${editText(c.edit)}`)
        return true
      case 'delay':
        this.#delay(f, c.ms ?? DELAY_MS)
        return true
      case 'deliver': {
        const frame = middle.wire.frames.find((x) => x.id === c.frame)
        if (frame === undefined) throw new UsageError(`expected a frame that has arrived, got ${shown(c.frame)}`)
        const edit = c.edit === null ? {} : { edit: c.edit }
        this.#act({ do: 'deliver', frame: frame.ref, to: this.#end(c.to ?? opposite(frame.ref.by)), ...edit })
        return false
      }
      case 'inject':
        this.#act({ do: 'inject', to: this.#end(c.to), hex: c.hex })
        return false
      case 'close':
        this.#act({ do: 'close', at: c.at })
        return false
      case 'help':
        for (const line of helpOf(RELAY_VERBS).split('\n')) middle.say(line)
        return false
      case 'quit':
        this.#quit()
        return true
    }
  }

  #delay(f: WireFrame, ms: number): void {
    const { n } = f.ref.by
    const held = (more: 1 | -1): void => void this.#delayed.set(n, (this.#delayed.get(n) ?? 0) + more)
    held(1)
    this.#middle.say(`  held for ${ms} ms`)
    this.#middle.after(ms, () => {
      held(-1)
      this.#middle.pass(f, `${f.id}, delayed`)
    })
  }

  #end(place: Place) {
    return place === 'new' ? { side: 'server' as const, n: this.#middle.connections } : place
  }

  #act(a: RelayAction): void {
    const act = prepare(this.#middle, a)
    const which = 'to' in a ? endName(a.to) : `that of ${a.do}`
    if (act === null) throw new UsageError(`expected a connection that exists, got ${which}`)
    act()
  }
}
