/**
 * A search with eyes open: exceptions become findings, one for each signature, minimised; memory is watched. Where an
 * input has a schedule, that must show the finding from the beginning: what a changed copy keeps from one execution to
 * the next can make an input fail that does nothing by itself. Such a finding is told, and the search goes on for
 * another input of its signature.
 */
import { examine, isExpected } from '../../properties/harness/judging/examine.ts'
import { partyOf } from '../../properties/harness/parties/src.ts'
import { wordsOf } from '../../properties/harness/terminal/text.ts'
import { type System, systemOf } from '../../properties/harness/world/system.ts'
import type { Schedule } from '../../spec/language.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { type Fault, type Finding, faultOf, findingOf, signatureOf } from './finding.ts'
import { judgeOf, type Loaded } from './judge.ts'
import { LEAK, leakDetail, leakWatch, looksEvery } from './leak.ts'
import { minimise } from './minimise.ts'
import type { Target } from './target.ts'

/** What a schedule shows on a system without the fuzzer, played from its beginning by `prop`'s own means. */
export const shownBy = (s: Schedule, system: System): readonly string[] => {
  try {
    const found = examine(s, system).map((f) => f.invariant)
    return [...new Set(found)].filter((id) => !isExpected(id, s.mode))
  } catch (e) {
    return [`no world: ${wordsOf(e)}`]
  }
}

interface Hooks {
  /** Before every execution, also those that minimise. Must not keep the bytes. */
  before(data: Uint8Array, execution: number): void
  /** No execution is under way for a while. */
  idle(): void
  kept(data: Uint8Array): void
  found(finding: Finding): void
}

const QUIET: Hooks = { before() {}, idle() {}, kept() {}, found() {} }

interface HuntOptions extends EngineOptions {
  /** False: inputs of findings stay as they were found. */
  readonly minimise?: boolean
}

const PROOFS = 200 // of one signature
const TRIES = { mismatch: 3_000, crash: 3_000, hang: 150, leak: 0 } as const // a hang costs thousands of executions

export class Hunt {
  readonly engine: Engine
  readonly #target: Target
  readonly #options: HuntOptions
  readonly #hooks: Hooks
  readonly #judge: ReturnType<typeof judgeOf>
  readonly #leaks: ReturnType<typeof leakWatch>
  readonly #looksEvery: number
  readonly #known: Set<string>
  /** Of signatures told, but shown by no schedule so far: inputs tried. */
  readonly #unproven = new Map<string, number>()
  readonly #system: System

  /** `known`: signatures that are no news. */
  constructor(
    target: Target,
    loaded: Loaded,
    hooks: Partial<Hooks>,
    options: HuntOptions,
    known: Iterable<string> = [],
  ) {
    this.#target = target
    this.#options = options
    this.#hooks = { ...QUIET, ...hooks }
    this.#judge = judgeOf(target, loaded)
    const party = partyOf(loaded.src)
    this.#system = systemOf('src', party, party)
    this.#looksEvery = looksEvery(target.cost)
    this.#leaks = leakWatch((data) => this.#faultWith(data), this.#looksEvery)
    this.#known = new Set(known)
    this.engine = new Engine(target, loaded, this, options)
  }

  /** `n` executions. */
  run(n: number): void {
    const end = this.engine.executions + n
    while (this.engine.executions < end) {
      const look = this.#looksEvery - (this.engine.executions % this.#looksEvery)
      this.engine.burst(Math.min(look, end - this.engine.executions))
      if (this.engine.executions % this.#looksEvery === 0) this.#look()
    }
  }

  before(data: Uint8Array, execution: number): void {
    this.#leaks.sample(data, execution)
    this.#hooks.before(data, execution)
  }

  kept(data: Uint8Array): void {
    this.#hooks.kept(data)
  }

  threw(data: Uint8Array, error: unknown): void {
    const fault = faultOf(error)
    const signature = signatureOf(this.#target.name, fault)
    const tried = this.#unproven.get(signature) ?? 0
    if (this.#known.has(signature) || tried >= PROOFS) return
    const alone = this.#showsAlone(data)
    if (!alone) this.#unproven.set(signature, tried + 1)
    if (!alone && tried > 0) return
    const same = (candidate: Uint8Array): boolean => {
      const other = this.#faultWith(candidate)
      if (other === null || signatureOf(this.#target.name, other) !== signature) return false
      return !alone || this.#showsAlone(candidate)
    }
    const small = this.#options.minimise === false ? data : minimise(data, same, TRIES[fault.kind])
    this.#report(fault, error instanceof Error ? error.message : String(error), data, small, alone)
  }

  /** Whether its schedule, played from the beginning as `prop` plays it, shows something too; true without a schedule. */
  #showsAlone(data: Uint8Array): boolean {
    const { schedule } = this.#target
    if (schedule === undefined) return true
    this.#hooks.before(data, this.engine.executions)
    const shown = shownBy(schedule(data), this.#system)
    this.#hooks.idle()
    return shown.length > 0
  }

  #look(): void {
    // All leaks of a target are one finding, and with one about, every look would search for it again.
    if (this.#known.has(signatureOf(this.#target.name, LEAK))) return
    this.#hooks.idle()
    const leak = this.#leaks.look(this.engine.bytes)
    if (leak === null) return
    this.#report(LEAK, leakDetail(leak.bytes), leak.data, leak.data, true)
  }

  #report(fault: Fault, detail: string, found: Uint8Array, data: Uint8Array, alone: boolean): void {
    const finding = findingOf(this.#target, fault, {
      detail,
      data,
      foundBytes: found.length,
      seed: this.#options.seed,
      execution: this.engine.executions,
      alone,
    })
    if (alone) this.#known.add(finding.signature)
    this.#hooks.found(finding)
  }

  #faultWith(data: Uint8Array): Fault | null {
    this.#hooks.before(data, this.engine.executions)
    const { fault } = this.#judge(data)
    this.#hooks.idle()
    return fault
  }
}

/** Milliseconds of processor time that this process has taken. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const STEP = 32 // executions between two looks at the clock

export interface Race {
  /** The last finding; null: none. */
  readonly finding: Finding | null
  /** Whether that was one that was wanted. */
  readonly found: boolean
  /** Of processor time, so that other work on the machine does not count; loading is not counted. */
  readonly ms: number
  readonly executions: number
}

/** From the seeds of the target alone, so no corpus helps, until a finding is wanted. `beat`: called now and then. */
export const raceFor = async (
  target: Target,
  loaded: Loaded,
  options: EngineOptions & { readonly limitMs: number },
  wanted: (finding: Finding) => boolean,
  beat: () => Promise<void>,
): Promise<Race> => {
  let [finding, found]: [Finding | null, boolean] = [null, false]
  const hear = (f: Finding): void => {
    if (found) return
    finding = f
    found = wanted(f)
  }
  const started = cpuMs()
  const hunt = new Hunt(target, loaded, { found: hear }, { ...options, minimise: false })
  hunt.engine.load(target.seeds())
  while (!found && cpuMs() - started < options.limitMs) {
    hunt.run(STEP)
    await beat()
  }
  return { finding, found, ms: cpuMs() - started, executions: hunt.engine.executions }
}
