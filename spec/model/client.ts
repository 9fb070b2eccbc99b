/** PROTOCOL §4–§6 for a client run: what it sends, what it makes of what it receives. */
import type { Body, EndedBy, Event } from '../events.ts'
import { isControl, OP } from '../opcodes.ts'
import { judge, type Verdict } from './checks.ts'
import { commitExchange, commitHandshake } from './commit.ts'
import { seal } from './frames.ts'
import { helloStep, initialKeys } from './keys.ts'
import { type ClientRun, type Frame, put, type Symbols } from './state.ts'
import { arrival, committed, type Step, sent, terminated, unsent } from './step.ts'

type Runs = readonly ClientRun[]
type Change = Step<ClientRun>

/** A run starts and sends its HELLO; `failing`: the transport refuses it. */
export const connect = (symbols: Symbols, runs: Runs, id: number, failing = false): Change => {
  const at = { side: 'client', n: runs.length } as const
  const k0 = initialKeys(symbols, id)
  const unheard = { hello: null, challenge: null, outstanding: null, exchanges: [], sent: [], failing: false }
  const idle: ClientRun = { at, id, phase: 'INIT', round: 0, keys: k0, ...unheard }
  const hello = seal(symbols, idle, OP.HELLO, k0, { kind: 'hello', text: `Hello from client ${id}` }, null)
  const run = { ...idle, hello, keys: helloStep(symbols, k0, hello), sent: [hello] } // §4: when the HELLO is built
  const opened: Event = { on: 'opened', at, id }
  if (failing) return end([...runs, run], { ...run, sent: [] }, 'fault', [opened, unsent(run)])
  return { after: [...runs, run], events: [opened, sent(run, hello), committed(null, run)] }
}

/** The application submits values; refused locally by the rules of PROTOCOL §5. */
export const submit = (symbols: Symbols, runs: Runs, n: number, values: readonly number[]): Change => {
  const run = runs[n]!
  const sendable = values.length >= 1 && values.length <= 511 && values.every((v) => Math.abs(v) <= 1e300)
  const refused = run.phase !== 'ACTIVE' || run.outstanding !== null || !sendable
  const submitted: Event = { on: 'submitted', at: run.at, values, refused }
  if (refused) return { after: runs, events: [submitted] }
  if (run.failing) return end(runs, run, 'fault', [submitted, unsent(run)])
  const data = sealNow(symbols, run, OP.DATA, { kind: 'data', values })
  const next = { ...run, outstanding: data, sent: [...run.sent, data] } // §4: sending moves no key
  return { after: put(runs, next), events: [submitted, sent(next, data), committed(run, next)] }
}

/** The user ends the run: with TERMINATE when no request is outstanding, else by closing (PROTOCOL §6). */
export const finish = (symbols: Symbols, runs: Runs, n: number): Change => {
  const run = runs[n]!
  if (run.phase === 'TERMINATED') return { after: runs, events: [] }
  if (run.phase !== 'ACTIVE' || run.outstanding !== null) return end(runs, run, 'finish', [])
  if (run.failing) return end(runs, run, 'finish', [unsent(run)])
  const bye = sealNow(symbols, run, OP.TERMINATE, { kind: 'control' })
  return end(runs, { ...run, sent: [...run.sent, bye] }, 'finish', [sent(run, bye)])
}

/** It ends without a word: closed by the network, or given up by a timer. */
export const drop = (runs: Runs, n: number, by: 'close' | 'timer'): Change =>
  runs[n]!.phase === 'TERMINATED' ? { after: runs, events: [] } : end(runs, runs[n]!, by, [])

/** The transport will refuse what it sends next. */
export const failNext = (runs: Runs, n: number): Change =>
  runs[n]!.phase === 'TERMINATED'
    ? { after: runs, events: [] }
    : { after: put(runs, { ...runs[n]!, failing: true }), events: [] }

/** PROTOCOL §6 for this run. */
export const verdicts = (symbols: Symbols, run: ClientRun, f: Frame): readonly Verdict[] => {
  const { phase, id, round, keys } = run
  if (phase === 'TERMINATED') return []
  return judge(symbols, { side: 'client', phase, id, round, keys, outstanding: run.outstanding !== null }, f)
}

/** A complete frame arrives. Several outcomes only for the garbage event. */
export const receive = (symbols: Symbols, runs: Runs, n: number, f: Frame): readonly Change[] => {
  const run = runs[n]!
  if (run.phase === 'TERMINATED') return [{ after: runs, events: [] }] // PROTOCOL §1: TERMINATED is final
  return verdicts(symbols, run, f).map((v) => received(symbols, runs, run, f, v))
}

const received = (symbols: Symbols, runs: Runs, run: ClientRun, f: Frame, v: Verdict): Change => {
  const events = arrival(run, f, v)
  if (v.kind === 'rejected') return end(runs, run, 'rejection', events) // §6: TERMINATED, close, nothing sent
  if (run.phase === 'INIT') {
    const next = commitHandshake(symbols, run, run.hello!, f, v.plain)
    return { after: put(runs, next), events: [...events, committed(run, next)] }
  }
  if (isControl(f.header.opcode)) return end(runs, run, 'peer', events) // §6: never answered
  const next = { ...commitExchange(symbols, run, run.outstanding!, f, v.plain), outstanding: null }
  return { after: put(runs, next), events: [...events, committed(run, next)] }
}

/** A frame under the keys and in the round that the run is in. */
const sealNow = (symbols: Symbols, run: ClientRun, opcode: number, body: Body): Frame =>
  seal(symbols, run, opcode, run.keys!, body, run.exchanges.at(-1) ?? run.challenge)

/** PROTOCOL §1: TERMINATED, the keys overwritten. */
const end = (runs: Runs, run: ClientRun, by: EndedBy, events: readonly Event[]): Change => {
  const next: ClientRun = { ...run, phase: 'TERMINATED', keys: null, outstanding: null, failing: false }
  return { after: put(runs, next), events: [...events, ...terminated(run, next, by)] }
}
