/** What a state of the model is for the proof: a finite structure in which the formulas of the proof are evaluated. */
import type { Context } from '../checker/context.ts'
import { initialKeys, LABELS } from '../model/keys.ts'
import type { ClientRun, Connection, Frame, Keys, Term } from '../model/state.ts'
import { MAX_ROUND, OP } from '../opcodes.ts'
import type { Formula, Sort, Structure } from './logic.ts'
import { type Name, STATE } from './vocabulary.ts'

/** What of a frame the proof speaks of. */
type Shown = Pick<Frame, 'id' | 'header' | 'mac' | 'enc' | 'iv' | 'ciphertext' | 'plain'>
/** A key, an input or a frame that is not there (yet). */
const NO_TERM = 'none' as Term
const NO_FRAME: Shown = {
  id: 'none' as Frame['id'],
  header: { opcode: 0, id: 0, round: 0, direction: 0 },
  mac: NO_TERM,
  enc: NO_TERM,
  iv: NO_TERM,
  ciphertext: NO_TERM,
  plain: NO_TERM,
}
const OK_INPUT = '00' // the StatusCode (PROTOCOL §4)

/** What went into a key. */
interface Key {
  readonly from: Term | null // the key it was made of
  readonly shows: readonly [
    label: number,
    owner: number,
    round: number,
    firstInput: Term,
    hellos: number,
    absorbed: Shown,
    binds: number,
    boundHello: Shown,
    boundChallenge: Shown,
  ]
}
const SHOWS = ['label', 'owner', 'round', 'firstInput', 'hellos', 'absorbed', 'binds', 'boundHello', 'boundChallenge']
const NO_KEY: Key = { from: null, shows: [0, 0, 0, NO_TERM, 0, NO_FRAME, 0, NO_FRAME, NO_FRAME] }

/** Keys, frames and inputs of one context: what never changes from state to state. */
export class Rigid {
  readonly context: Context
  readonly #keys = new Map<Term, Key>()

  constructor(context: Context) {
    this.context = context
  }

  #frame(id: string): Shown {
    return id === NO_FRAME.id ? NO_FRAME : this.context.frameOf(id as Frame['id'])
  }

  key(k: Term): Key {
    let known = this.#keys.get(k)
    if (known === undefined) {
      known = k === NO_TERM ? NO_KEY : this.#made(k)
      this.#keys.set(k, known)
    }
    return known
  }

  #made(k: Term): Key {
    const { kind, parts } = this.context.node(k)
    const from = parts[0] as Term
    if (kind === 'initial') {
      const owner = Number(this.context.node(from).parts[0])
      const label = LABELS.indexOf(parts[1] as (typeof LABELS)[number]) + 1
      return { from: null, shows: [label, owner, 0, NO_TERM, 0, NO_FRAME, 0, NO_FRAME, NO_FRAME] }
    }
    if (kind !== 'evolve' && kind !== 'hello' && kind !== 'bind') return NO_KEY // of a frame that nobody sealed
    const [label, owner, round, first, hellos, absorbed, binds, hello, challenge] = this.key(from).shows
    const frame = (i: number): Shown => this.#frame(String(parts[i]))
    switch (kind) {
      case 'evolve': {
        const input = round === 0 ? (parts[1] as Term) : first
        return { from, shows: [label, owner, round + 1, input, hellos, absorbed, binds, hello, challenge] }
      }
      case 'hello':
        return { from, shows: [label, owner, round, first, hellos + 1, frame(1), binds, hello, challenge] }
      case 'bind':
        return { from, shows: [label, owner, round, first, hellos, absorbed, binds + 1, frame(1), frame(2)] }
    }
  }

  /** The functions of the vocabulary that no action changes. */
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>> = {
    insider: (id: number) => this.context.setup.insiders.includes(id),
    last: () => MAX_ROUND,
    opcode: (f: Shown) => f.header.opcode,
    macKey: (f: Shown) => f.mac,
    encKey: (f: Shown) => f.enc,
    iv: (f: Shown) => f.iv,
    ciphertext: (f: Shown) => f.ciphertext,
    plaintext: (f: Shown) => f.plain,
    garbage: (k: Term, f: Shown) => this.context.term('garbage', k, f.ciphertext),
    ok: () => OK_INPUT,
    initial: (label: number, id: number) => initialKeys(this.context, id)[label - 1],
    evolve: (k: Term, x: Term) => this.context.term('evolve', k, x),
    helloStep: (k: Term, h: Shown) => this.context.term('hello', k, h.id),
    bindStep: (k: Term, h: Shown, c: Shown) => this.context.term('bind', k, h.id, c.id),
    ...Object.fromEntries(SHOWS.map((name, i) => [name, (k: Term) => this.key(k).shows[i]])),
  }
}

/** The keys of a session that the adversary stole, as far as the model remembers: those it forged an accepted frame with. */
interface Leak {
  readonly hello: Frame
  readonly challenge: Frame
  readonly round: number
  readonly keys: Keys
}

const data = (r: ClientRun): Frame | undefined => r.sent.findLast((f) => f.header.opcode === OP.DATA)
/** The model overwrites what an end no longer needs; the proof keeps it as it was when the end came. */
const waits = (r: ClientRun): boolean =>
  r.phase === 'TERMINATED' ? r.challenge !== null && data(r)?.header.round === r.round : r.outstanding !== null
const confirmed = (s: Connection): boolean => (s.phase === 'TERMINATED' ? s.exchanges.length > 0 : s.confirmed)

/** Of a run that has not started, and of a session that has not heard a HELLO: what its functions give. */
const UNBORN: Partial<Record<string, unknown>> = {
  Bool: false,
  Int: 0,
  Frame: NO_FRAME,
  Key: NO_TERM,
  Id: 0,
}

/** One state of the model, as the proof sees it. Runs and sessions are the numbers of their ends. */
export class Abstraction implements Structure {
  readonly #rigid: Rigid
  readonly #runs: readonly ClientRun[]
  readonly #sessions: readonly Connection[]
  readonly #leaks: readonly Leak[]
  readonly #elements: Readonly<Record<Sort, readonly unknown[]>>
  readonly #known = new Map<Term, boolean>()
  readonly #functions: Readonly<Record<string, (...args: never[]) => unknown>>

  readonly reached: Set<Formula>

  constructor(rigid: Rigid, runs: readonly ClientRun[], conns: readonly Connection[], reached = new Set<Formula>()) {
    this.reached = reached
    this.#rigid = rigid
    this.#runs = runs
    this.#sessions = conns
    const { context } = rigid
    const { keyring } = context.setup
    const ends = [...runs, ...conns.filter((s) => s.hello !== null)]
    this.#leaks = ends.flatMap((e) => this.#leaksOf(e))
    const frames = new Set(
      ends.flatMap((e) => [e.hello!, ...(e.challenge ? [e.challenge] : []), ...e.exchanges, ...e.sent]),
    )
    const keys = new Set<Term>(keyring.flatMap((id) => initialKeys(context, id)))
    for (const e of ends) for (const k of this.#keysOf(e)) keys.add(k)
    for (const f of frames) keys.add(f.mac).add(f.enc)
    for (const { keys: stolen } of this.#leaks) for (const k of stolen) keys.add(k)
    this.#elements = {
      Run: runs.map((r) => r.at.n),
      Session: conns.filter((s) => s.hello !== null).map((s) => s.at.n),
      Frame: [...frames],
      Key: [...keys],
      Id: keyring,
      Input: [...new Set([OK_INPUT, ...[...frames].flatMap((f) => [f.iv, f.ciphertext, f.plain])])],
      Int: LABELS.map((_, i) => i + 1), // the only numbers that a formula quantifies over are those of labels
      Bool: [false, true],
    }
    this.#functions = { ...rigid.functions, ...this.#state() }
  }

  elements(sort: Sort): readonly unknown[] {
    return this.#elements[sort]
  }

  apply(name: string, args: readonly unknown[]): unknown {
    return this.#functions[name]!(...(args as never[]))
  }

  #leaksOf(e: ClientRun | Connection): readonly Leak[] {
    const [{ context }, id, { hello, challenge }] = [this.#rigid, e.id!, e]
    if (challenge === null || context.setup.insiders.includes(id)) return []
    return e.exchanges.flatMap((f, i) => {
      const before = Math.floor(i / 2)
      const exchanges = e.exchanges.slice(0, 2 * before)
      const keys = context.due({ id, hello, challenge, exchanges })
      // A run keeps its own DATA beside a forged response, a session its own response beside a forged DATA.
      const forged = f.origin === 'sealed' && (i % 2 === 0) === 'order' in e
      return forged ? [{ hello: hello!, challenge, round: context.setup.startRound + before, keys }] : []
    })
  }

  #keysOf(e: ClientRun | Connection): Keys {
    return (
      e.keys ?? this.#rigid.context.due({ id: e.id!, hello: e.hello, challenge: e.challenge, exchanges: e.exchanges })
    )
  }

  /** Insiders know what their master keys give; a thief knows what follows from the stolen keys. */
  #knows(k: Term): boolean {
    let known = this.#known.get(k)
    if (known === undefined) {
      const { from, shows } = this.#rigid.key(k)
      known =
        this.#rigid.context.setup.insiders.includes(shows[1]) ||
        this.#leaks.some((l) => l.keys.includes(k)) ||
        (from !== null && this.#knows(from))
      this.#known.set(k, known)
    }
    return known
  }

  #leakRounds(h: Shown, c: Shown): readonly number[] {
    return this.#leaks.filter((l) => l.hello === h && l.challenge === c).map((l) => l.round)
  }

  #state(): Readonly<Record<string, (...args: never[]) => unknown>> {
    const [runs, sessions] = [this.#runs, this.#sessions]
    const ofRun = (name: Name, of: (r: ClientRun) => unknown) => (c: number) => {
      const r = runs[c]
      return r === undefined ? UNBORN[STATE[name].gives] : of(r)
    }
    const ofSession = (name: Name, of: (s: Connection) => unknown) => (n: number) => {
      const s = sessions[n]
      return s === undefined || s.hello === null ? UNBORN[STATE[name].gives] : of(s)
    }
    const key = (i: number) => (e: ClientRun | Connection) => this.#keysOf(e)[i]
    const heard = (i: number, e: ClientRun | Connection, f: Frame): boolean =>
      e.exchanges.some((x, at) => x === f && at % 2 === i)
    const ends = [...runs, ...sessions]
    const functions: Readonly<Record<Name, (...args: never[]) => unknown>> = {
      started: ofRun('started', () => true),
      active: ofRun('active', (r) => r.challenge !== null),
      ended: ofRun('ended', (r) => r.phase === 'TERMINATED'),
      hello: ofRun('hello', (r) => r.hello),
      challenge: ofRun('challenge', (r) => r.challenge ?? NO_FRAME),
      round: ofRun('round', (r) => r.round),
      waiting: ofRun('waiting', waits),
      data: ofRun('data', (r) => data(r) ?? NO_FRAME),
      ce: ofRun('ce', key(0)),
      cm: ofRun('cm', key(1)),
      se: ofRun('se', key(2)),
      sm: ofRun('sm', key(3)),
      open: ofSession('open', () => true),
      closed: ofSession('closed', (s) => s.phase === 'TERMINATED'),
      confirmed: ofSession('confirmed', confirmed),
      order: ofSession('order', (s) => s.order),
      counter: () => sessions.filter((s) => s.order !== null).length,
      sHello: ofSession('sHello', (s) => s.hello),
      sChallenge: ofSession('sChallenge', (s) => s.challenge),
      sRound: ofSession('sRound', (s) => s.round),
      lastData: ofSession('lastData', (s) => s.exchanges.at(-2) ?? NO_FRAME),
      lastResponse: ofSession('lastResponse', (s) => s.exchanges.at(-1) ?? NO_FRAME),
      sCe: ofSession('sCe', key(0)),
      sCm: ofSession('sCm', key(1)),
      sSe: ofSession('sSe', key(2)),
      sSm: ofSession('sSm', key(3)),
      sentBy: (f: Frame, c: number) => runs[c]?.sent.includes(f) ?? false,
      sentFrom: (f: Frame, s: number) => sessions[s]?.sent.includes(f) ?? false,
      accepted: (f: Frame, s: number) => sessions[s] !== undefined && heard(0, sessions[s], f),
      taken: (f: Frame, c: number) => runs[c] !== undefined && heard(1, runs[c], f),
      used: (f: Frame) =>
        ends.some((e) => e.hello === f || e.challenge === f || e.sent.includes(f) || e.exchanges.includes(f)),
      answers: (f: Frame) => {
        const s = sessions.find((x) => heard(1, x, f))
        return s === undefined ? NO_FRAME : s.exchanges[s.exchanges.indexOf(f) - 1]
      },
      known: (k: Term) => this.#knows(k),
      leakedInit: () => false, // the model forges nothing to a run that waits; spec/proof/tie.ts has it leak everywhere
      leaked: (h: Shown, c: Shown) => this.#leakRounds(h, c).length > 0,
      leakRound: (h: Shown, c: Shown) => this.#leakRounds(h, c).reduce((a, b) => (a === 0 ? b : Math.min(a, b)), 0),
      helloOfCiphertext: (x: Term) => runs.find((r) => r.hello!.ciphertext === x)?.hello ?? NO_FRAME,
      helloOfIv: (x: Term) => runs.find((r) => r.hello!.iv === x)?.hello ?? NO_FRAME,
    }
    return {
      idOf: (c: number) => runs[c]?.id ?? 0,
      sidOf: (s: number) => sessions[s]?.id ?? 0,
      ...Object.fromEntries(Object.entries(functions).map(([name, f]) => [STATE[name as Name].symbol, f])),
    }
  }
}
