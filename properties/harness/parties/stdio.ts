/** A program in any language as a party: it speaks the lines of spec/ADAPTER.md, and is called in turn, blocking. */
import { isDeepStrictEqual } from 'node:util'
import {
  type AdapterReport,
  type AdapterView,
  type Call,
  type Closing,
  closingSchemas,
  requestSchemas,
  type Started,
} from '../../../spec/adapter.ts'
import { type Event, endName, type View } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { PrefixedStream } from '../../../spec/reference/frame.ts'
import { fromHex } from '../world/wire.ts'
import { fitting, frameByFrame, hexOf, initOf, nextObject, toldIn, viewOf } from './adapter-lines.ts'
import { type Batch, batchOf } from './batch.ts'
import { AdapterError, adapterLimits, type Child, programFor } from './child.ts'
import type { Host, MakeParty, Party, PartySetup } from './party.ts'

const MOST_LINES = 20_000 // of one call
const DRAWS = 3 // that a call brings: of a CHALLENGE and the frame after it

/** By command: the longest answer, ms, and whether it ever hung; then patience is short, or shrinking would never end. */
const paces = new Map<string, { slowest: number; hung: boolean }>()

const patienceOf = (command: string): number => {
  const pace = paces.get(command)
  const { callMs } = adapterLimits
  return pace?.hung ? Math.min(callMs, Math.max(200, Math.ceil(20 * pace.slowest))) : callMs
}

const endOf = (name: string): End => ({ side: name[0] === 'c' ? 'client' : 'server', n: Number(name.slice(1)) })
/** What programs said to `init`, by role and command. */
const saidToInit = new Map<string, Started>()

interface Begun {
  readonly child: Child
  readonly started: Started
}

/** Starts a schedule at the program; null: it does not play this role. Throws an AdapterError. */
const begin = (command: string, setup: PartySetup): Begun | null => {
  const child = programFor(setup.side, command)
  child.begin('init', adapterLimits.startMs)
  child.write(JSON.stringify(initOf(setup)))
  const said = nextObject(child, 'the answer to init')
  const answer = 'unsupported' in said.value ? fitting(child, closingSchemas.unsupported, said) : null
  const started = answer ?? fitting(child, closingSchemas.init, said)
  child.end()
  if ('unsupported' in started) return null
  saidToInit.set(`${setup.side} ${command}`, started)
  return { child, started }
}

/** The same as one of several schedules: its answer is read when all of them have been told. */
const beginIn = (batch: Batch, command: string, setup: PartySetup, world: number): Begun => {
  const { child } = batch
  const started = saidToInit.get(`${setup.side} ${command}`)
  if (started === undefined) throw new AdapterError('it has not yet said what it can')
  batch.init({ ...initOf(setup), world }, () => {
    const again = fitting(child, closingSchemas.init, nextObject(child, 'the answer to init'))
    if (!isDeepStrictEqual(again, started)) child.fail('expected the same answer to every init, got another')
  })
  return { child, started }
}

class StdioParty implements Party {
  readonly emits: readonly Event['on'][]
  readonly ownRng?: true
  readonly timeless?: true
  readonly framewise?: true
  /** Its sessions begin in the round that `init` named. */
  readonly setRound?: () => void
  readonly finish?: (at: End, now: number) => void
  readonly #command: string
  readonly #host: Host
  readonly #setup: PartySetup
  readonly #child: Child | null = null
  readonly #can: ReadonlySet<string> = new Set()
  /** Whether it is asked for its state, instead of telling every change. */
  readonly #asksViews: boolean = false
  /** Why nothing can be played, until somebody hears of it. */
  #unheard: unknown = null
  readonly #draws = new Map<string, (bytes: number) => Uint8Array>()
  readonly #views = new Map<string, { readonly text: string; readonly view: View<Uint8Array> | null }>()
  /** What the last call said of memory: later calls change what other endpoints hold. */
  #memory: { readonly at: string; readonly held: Closing['memory'] } | null = null
  /** Where it is asked for its state: the stream of each endpoint. */
  readonly #streams = new Map<string, PrefixedStream>()
  readonly #open = new Set<string>()
  /** Where it plays together with others: with whom, its number there, and its calls that were told. */
  readonly #batch = batchOf()
  readonly #world = this.#batch?.world() ?? 0
  readonly #told: Call[] = []
  readonly foretell?: (call: (p: Party) => void) => void
  #telling = false

  constructor(command: string, host: Host, setup: PartySetup) {
    this.#command = command
    this.#host = host
    this.#setup = setup
    try {
      const begun = this.#batch === null ? begin(command, setup) : beginIn(this.#batch, command, setup, this.#world)
      if (begun === null) throw new AdapterError(`expected it to play the ${setup.side}, got unsupported`)
      this.#child = begun.child
      const { emits, can } = begun.started
      this.#can = new Set(can)
      this.#asksViews = this.#can.has('view') && !emits.includes('committed')
      const shows = (emits.includes('committed') || this.#asksViews) && this.#can.has('startRound')
      this.emits = [...emits.filter((e) => e !== 'committed'), ...(shows ? (['committed'] as const) : [])]
      if (!this.#can.has('rng')) this.ownRng = true
      if (!this.#can.has('tick')) this.timeless = true
      if (this.#asksViews) this.framewise = true
    } catch (e) {
      this.emits = ['accepted', 'rejected', 'ended']
      this.#unheard = e
    }
    if (this.#batch !== null)
      this.foretell = (call) => {
        this.#telling = true
        call(this)
        this.#telling = false
      }
    if (this.#can.has('startRound')) this.setRound = () => {}
    if (this.#can.has('finish'))
      this.finish = (at, now) => {
        this.#call({ op: 'finish', at: endName(at), now })
      }
  }

  open(at: End, id: number, now: number): void {
    const hello = this.#setup.side === 'client' ? this.#setup.hello?.(at.n) : undefined
    this.#open.add(endName(at))
    this.#call({ op: 'open', at: endName(at), id, now, ...(hello && { hello: hexOf(hello) }) })
  }
  receive(at: End, bytes: Uint8Array, now: number): void {
    const name = endName(at)
    const stream = this.#streams.get(name) ?? new PrefixedStream()
    this.#streams.set(name, stream)
    for (const part of this.#asksViews ? frameByFrame(stream, bytes) : [bytes])
      this.#call({ op: 'receive', at: name, hex: hexOf(part), now })
  }
  submit(at: End, values: readonly number[], now: number): boolean {
    const written = values.map((v) => (Number.isFinite(v) && !Object.is(v, -0) ? v : Object.is(v, -0) ? '-0' : `${v}`))
    return this.#call({
      op: 'submit',
      at: endName(at),
      values: written as Extract<Call, { op: 'submit' }>['values'],
      now,
    })
  }
  close(at: End, now: number): void {
    this.#call({ op: 'close', at: endName(at), now })
  }
  tick(now: number): void {
    if (this.#can.has('tick')) this.#call({ op: 'tick', now })
  }
  restart(now: number): void {
    this.#views.clear()
    this.#memory = null
    this.#open.clear()
    if (this.#can.has('restart')) this.#call({ op: 'restart', now })
    else if (this.#child?.alive) begin(this.#command, this.#setup)
  }
  view(at: End): View<Uint8Array> | null {
    return this.#views.get(endName(at))?.view ?? null
  }
  memory(at: End): ReturnType<NonNullable<Party['memory']>> {
    return this.#memory?.at === endName(at) ? (this.#memory.held ?? null) : null
  }

  /** What it answered; false too where it has ended, or where the call is only told. Throws an AdapterError, once. */
  #call(call: Call): boolean {
    if (this.#telling) {
      this.#told.push(this.#written(call))
      this.#batch?.tell(this.#told.at(-1)!)
      return false
    }
    const e = this.#unheard
    this.#unheard = null
    if (e !== null) throw e
    const child = this.#child
    if (child === null || !child.alive) return false
    const held: AdapterReport[] = []
    const told = this.#told.shift()
    const written = told ?? this.#written(call)
    if (told === undefined) this.#ask(child, written)
    const closing = this.#exchange(child, written, held, (said) => fitting(child, closingSchemas.call, said))
    this.#memory = 'at' in call ? { at: call.at, held: closing.memory } : null
    if (this.#asksViews)
      for (const at of this.#open) {
        const call = { op: 'view', at } as const
        this.#ask(child, call)
        const answer = this.#exchange(child, call, held, (said) => fitting(child, closingSchemas.view, said))
        if (answer.ok) this.#show(at, answer.view)
      }
    for (const r of held) this.#report(r)
    if (!closing.ok && call.op !== 'submit')
      throw new AdapterError(
        `${call.op}: expected it to be done, got ${closing.error ?? '"ok":false without an error'}`,
      )
    return closing.ok
  }

  #ask(child: Child, call: Call): void {
    child.begin(call.op, patienceOf(this.#command))
    child.write(JSON.stringify(call))
  }

  /** The call as it is written. */
  #written(call: Call): Call {
    const ahead = this.#ahead(call)
    return this.#batch === null ? ahead : { ...ahead, world: this.#world }
  }

  /** With the draws that it will need, where it can do without asking. */
  #ahead(call: Call): Call {
    if (!this.#can.has('ahead') || !('at' in call) || call.op === 'view' || call.op === 'close') return call
    const draws = this.#host.ahead?.(endOf(call.at), DRAWS) ?? null
    return draws === null ? call : { ...call, draws: draws.map(hexOf) }
  }

  /** What it says in the closing line of a call that had draws. */
  #heard(child: Child, call: Call, { drew = 0, said = [] }: Closing, drawn: number, held: AdapterReport[]): void {
    const draws = 'draws' in call ? (call.draws?.length ?? 0) : 0
    const expected = `line ${child.lines}: expected in the answer to ${call.op}`
    if (draws === 0 && said.length > 0) child.fail(`${expected} no "said", since it had no draws, got it`)
    if (drew > draws) child.fail(`${expected} "drew" of at most ${draws}, got ${drew}`)
    const at = 'at' in call ? call.at : ''
    for (let n = drawn; n < drew; n++) this.#draw(child, at)(16)
    for (const { report, send } of said) {
      if (send !== undefined) this.#host.send(this.#mine(child, send.at), fromHex(send.hex))
      if (report !== undefined) this.#hear(report, held)
    }
  }

  #hear(r: AdapterReport, held: AdapterReport[]): void {
    if (this.#asksViews) held.push(r)
    else this.#report(r)
  }

  /** One call: serves what it asks for until it closes the call. */
  #exchange<T extends Closing>(
    child: Child,
    call: Call,
    held: AdapterReport[],
    closing: (said: ReturnType<typeof nextObject>) => T,
  ): T {
    const draws = 'draws' in call ? (call.draws?.length ?? 0) : 0
    let drawn = 0
    const patience = patienceOf(this.#command)
    const pace = paces.get(this.#command) ?? { slowest: 0, hung: false }
    paces.set(this.#command, pace)
    const began = performance.now()
    try {
      for (let n = 0; n < MOST_LINES; n++) {
        const said = nextObject(child, `send, rng, report or the answer to ${call.op}`)
        if (draws > 0 && ('send' in said.value || 'report' in said.value))
          child.fail(
            `line ${child.lines}: expected it in "said" of the answer to ${call.op}, which had draws, got a line`,
          )
        if ('send' in said.value) {
          const { at, hex } = fitting(child, requestSchemas.send, said).send
          child.write(JSON.stringify({ ok: this.#host.send(this.#mine(child, at), fromHex(hex)) }))
        } else if ('rng' in said.value) {
          const { at, bytes } = fitting(child, requestSchemas.rng, said).rng
          if ('at' in call && at === call.at) for (; drawn < draws; drawn++) this.#draw(child, at)(16) // it has used them
          child.write(JSON.stringify({ hex: hexOf(this.#draw(child, at)(bytes)) }))
        } else if ('report' in said.value) {
          this.#hear(fitting(child, requestSchemas.report, said).report, held)
        } else {
          const unsupported = 'unsupported' in said.value && fitting(child, closingSchemas.unsupported, said)
          if (unsupported) child.fail(`line ${child.lines}: expected ${call.op} to be done, got unsupported`)
          const answer = closing(said)
          this.#heard(child, call, answer, drawn, held)
          if (this.#batch?.busy) this.#batch.closed()
          else child.end()
          if (this.#batch === null) pace.slowest = Math.max(pace.slowest, performance.now() - began)
          return answer
        }
      }
      return child.fail(`line ${child.lines}: expected the answer to ${call.op}, got ${MOST_LINES} lines without it`)
    } catch (e) {
      if (performance.now() - began >= patience) pace.hung = true
      throw e
    }
  }

  #mine(child: Child, at: string): End {
    const end = endOf(at)
    if (end.side === this.#setup.side) return end
    return child.fail(`line ${child.lines}: expected an endpoint of the ${this.#setup.side}, got ${at}`)
  }

  #draw(child: Child, at: string): (bytes: number) => Uint8Array {
    const known = this.#draws.get(at) ?? this.#host.rng(this.#mine(child, at))
    this.#draws.set(at, known)
    return known
  }

  #show(at: string, v: AdapterView | null): void {
    const text = JSON.stringify(v)
    if (this.#views.get(at)?.text !== text) this.#views.set(at, { text, view: v && viewOf(v) })
  }

  #report(r: AdapterReport): void {
    const at = endOf(r.at)
    switch (r.on) {
      case 'accepted':
        this.#host.report({ on: r.on, at, frame: fromHex(r.hex), ...(r.told && { told: toldIn(r.told) }) })
        return
      case 'rejected':
        this.#host.report({ on: r.on, at, frame: r.hex === null ? null : fromHex(r.hex), reason: r.reason })
        return
      case 'ended':
        this.#open.delete(r.at)
        this.#host.report({ on: r.on, at, by: r.by })
        return
      case 'committed':
        if (this.emits.includes('committed')) this.#show(r.at, r.view)
        return
      case 'primitive':
        this.#host.report({ on: r.on, at, op: r.op, key: fromHex(r.key), data: fromHex(r.data) })
        return
    }
  }
}

/** `command`: a line for /bin/sh that starts an adapter. A crash or a hang is a fault of the schedule; the next starts it anew. */
export const stdioParty =
  (command: string): MakeParty =>
  (host, setup) =>
    new StdioParty(command, host, setup)

/** What the program says of a role; null: it does not play it. Throws an AdapterError where it does not speak the protocol. */
export const adapterSays = (command: string, setup: PartySetup): Started | null =>
  begin(command, setup)?.started ?? null

/** Whether it answers a call that nobody knows as it should. Throws an AdapterError where it does not even answer. */
export const refusesUnknown = (command: string, setup: PartySetup): boolean => {
  const begun = begin(command, setup)
  if (begun === null) return false
  const { child } = begun
  child.begin('an unknown call', adapterLimits.callMs)
  child.write(JSON.stringify({ op: 'gauntlet-unknown' }))
  const { value } = nextObject(child, '{"unsupported":true}')
  child.end()
  return 'unsupported' in value && value.unsupported === true
}
