/** PROTOCOL §4–§6 for a client run: what it sends, what it makes of what it receives. */
import type { Body } from '../events.ts'
import { isControl, OP } from '../opcodes.ts'
import { judge, type Verdict } from './checks.ts'
import { seal } from './frames.ts'
import { commitExchange, commitHandshake, helloStep, initialKeys } from './keys.ts'
import { type ClientRun, type Frame, SILENT, type Symbols } from './state.ts'
import { arrival, becomes, committed, end, type Step, sent, still, unsent } from './step.ts'

type Runs = readonly ClientRun[]
type Change = Step<ClientRun>

/** A run starts and sends its HELLO; `failing`: the transport refuses it. */
export const connect = (symbols: Symbols, runs: Runs, id: number, failing = false): Change => {
  const at = { side: 'client', n: runs.length } as const
  const k0 = initialKeys(symbols, id)
  const idle: ClientRun = { ...SILENT, at, id, keys: k0 }
  const hello = seal(symbols, idle, OP.HELLO, { kind: 'hello', text: `Hello from client ${id}` }, null)
  const run = { ...idle, hello, keys: helloStep(symbols, k0, hello) } // §4: when the HELLO is built
  const so: Change = { after: [...runs, run], events: [{ on: 'opened', at, id }] }
  if (failing) return end(becomes(so, run, unsent(run)), run, 'fault')
  const next = { ...run, sent: [hello] }
  return becomes(so, next, sent(next, hello), committed(null, next))
}

/** The application submits values; refused locally by the rules of PROTOCOL §5. */
export const submit = (symbols: Symbols, runs: Runs, n: number, values: readonly number[]): Change => {
  const run = runs[n]!
  const sendable = values.length >= 1 && values.length <= 511 && values.every((v) => Math.abs(v) <= 1e300)
  const refused = run.phase !== 'ACTIVE' || run.outstanding !== null || !sendable
  const so: Change = { after: runs, events: [{ on: 'submitted', at: run.at, values, refused }] }
  if (refused) return so
  if (run.failing) return end(becomes(so, run, unsent(run)), run, 'fault')
  const data = sealNow(symbols, run, OP.DATA, { kind: 'data', values })
  const next = { ...run, outstanding: data, sent: [...run.sent, data] } // §4: sending moves no key
  return becomes(so, next, sent(next, data), committed(run, next))
}

/** The user ends the run: with TERMINATE when no request is outstanding, else by closing (PROTOCOL §6). */
export const finish = (symbols: Symbols, runs: Runs, n: number): Change => {
  const [run, so] = [runs[n]!, still(runs)]
  if (run.phase !== 'ACTIVE' || run.outstanding !== null) return end(so, run, 'finish')
  if (run.failing) return end(becomes(so, run, unsent(run)), run, 'finish')
  const bye = sealNow(symbols, run, OP.TERMINATE, { kind: 'control' })
  return end(becomes(so, run, sent(run, bye)), { ...run, sent: [...run.sent, bye] }, 'finish')
}

/** It ends without a word: closed by the network, or given up by a timer. */
export const drop = (runs: Runs, n: number, by: 'close' | 'timer'): Change => end(still(runs), runs[n]!, by)

/** A complete frame arrives. Several outcomes only for the garbage event. */
export const receive = (symbols: Symbols, runs: Runs, n: number, f: Frame): readonly Change[] => {
  const run = runs[n]!
  if (run.phase === 'TERMINATED') return [still(runs)] // PROTOCOL §1: TERMINATED is final
  return judge(symbols, run, f).map((v) => received(symbols, runs, run, f, v))
}

const received = (symbols: Symbols, runs: Runs, run: ClientRun, f: Frame, v: Verdict): Change => {
  const so: Change = { after: runs, events: arrival(run, f, v) }
  if (v.kind === 'rejected') return end(so, run, 'rejection') // §6: TERMINATED, close, nothing sent
  if (run.phase === 'INIT') {
    const next = commitHandshake(symbols, run, f, v.plain)
    return becomes(so, next, committed(run, next))
  }
  if (isControl(f.header.opcode)) return end(so, run, 'peer') // §6: never answered
  const next = { ...commitExchange(symbols, run, run.outstanding!, f, v.plain), outstanding: null }
  return becomes(so, next, committed(run, next))
}

/** A frame under the keys and in the round that the run is in. */
const sealNow = (symbols: Symbols, run: ClientRun, opcode: number, body: Body): Frame =>
  seal(symbols, run, opcode, body, run.exchanges.at(-1) ?? run.challenge)
