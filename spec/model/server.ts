/** PROTOCOL §4–§8 for the server: connections, admission, confirmation, supersession, aggregation. */

import type { Context, Frame, Keys } from '../checker/context.ts'
import { type Conn, type ConnState, type Conns, type Endpoints, replace } from '../checker/endpoints.ts'
import type { Body, EndedBy, Event } from '../events.ts'
import { exactSum } from '../exact-sum.ts'
import { isControl, MAX_ROUND, OP } from '../opcodes.ts'
import { judge, type Verdict } from './checks.ts'
import { seal } from './frames.ts'
import { bindStep, evolve, helloStep, initialKeys } from './keys.ts'
import { arrival, committed, type Step, sent, terminated, unsent } from './step.ts'

/** What one transition has done so far. */
interface Scene {
  readonly ends: readonly Conn[]
  readonly events: readonly Event[]
}

const CONSTANT_TEXT = 'a constant text!' // a whole block, so that the padding is one more

export class ServerRules {
  readonly #c: Context
  readonly #ends: Endpoints
  readonly #fresh: Conn[] = []

  constructor(c: Context, ends: Endpoints) {
    this.#c = c
    this.#ends = ends
  }

  /** The connection that is accepted next, before anything was heard on it. */
  next(n: number): Conn {
    this.#fresh[n] ??= this.#ends.conn({
      at: { side: 'server', n },
      id: null,
      phase: 'INIT',
      round: 0,
      keys: null,
      hello: null,
      challenge: null,
      order: null,
      confirmed: false,
      exchanges: [],
      sent: [],
      failing: false,
    })
    return this.#fresh[n]
  }

  /** A connection is accepted. */
  open(side: Conns): Step<Conns> {
    const conn = this.next(side.ends.length)
    let scene: Scene = { ends: [...side.ends, conn], events: [{ on: 'opened', at: conn.at, id: null }] }
    // PROTOCOL §7: at the limit a new connection displaces the oldest without a confirmed session
    const live = scene.ends.filter((e) => e.phase !== 'TERMINATED')
    const oldest = live.find((e) => !e.confirmed)
    if (live.length > this.#c.setup.limits.connections && oldest !== undefined)
      scene = this.#bye(scene, oldest, 'evicted')
    return this.#step(scene)
  }

  judge(conn: Conn, f: Frame): readonly Verdict[] {
    const { phase, id, round } = conn
    if (phase === 'TERMINATED') return []
    // The first frame is judged by the initial keys of the client it names.
    const stranger = this.#c.setup.keyring.includes(f.header.id) ? initialKeys(this.#c, f.header.id) : null
    const keys = id === null ? stranger : conn.keys
    return judge(this.#c, { side: 'server', phase, id, round, keys, outstanding: false }, f)
  }

  /** A complete frame arrives. Several outcomes only for the garbage event. */
  receive(side: Conns, n: number, f: Frame): readonly Step<Conns>[] {
    const conn = side.ends[n]!
    if (conn.phase === 'TERMINATED') return [{ after: side, events: [] }] // PROTOCOL §1: TERMINATED is final
    return this.judge(conn, f).map((v) => this.#step(this.#received(side.ends, conn, f, v)))
  }

  /** An end without a word, or (a timer of PROTOCOL §7) with TERMINATE. */
  drop(side: Conns, n: number, by: 'close' | 'timer'): Step<Conns> {
    const conn = side.ends[n]!
    const scene: Scene = { ends: side.ends, events: [] }
    if (conn.phase === 'TERMINATED') return this.#step(scene)
    return this.#step(by === 'timer' ? this.#bye(scene, conn, 'timer') : this.#end(scene, conn, conn, by))
  }

  /** The process restarts: every connection is gone without a word, and without a state to show. */
  restart(side: Conns): Step<Conns> {
    const live = side.ends.filter((e) => e.phase !== 'TERMINATED')
    const { ends } = live.reduce((s, e) => this.#end(s, e, e, 'fault'), { ends: side.ends, events: [] } as Scene)
    return this.#step({ ends, events: live.map((e) => ({ on: 'ended', at: e.at, by: 'fault' })) })
  }

  failNext(side: Conns, n: number): Step<Conns> {
    const conn = side.ends[n]!
    const next = conn.phase === 'TERMINATED' ? conn : this.#ends.conn({ ...conn, failing: true })
    return this.#step({ ends: replace(side.ends, n, next), events: [] })
  }

  #received(ends: readonly Conn[], conn: Conn, f: Frame, v: Verdict): Scene {
    const scene: Scene = { ends, events: arrival(conn, f, v) }
    if (v.kind === 'rejected') return this.#rejected(scene, conn, f)
    if (conn.phase === 'INIT') return this.#hello(scene, conn, f)
    if (isControl(f.header.opcode)) return this.#c.on('control-obeyed') ? this.#end(scene, conn, conn, 'peer') : scene
    return this.#data(scene, conn, f, v)
  }

  #rejected(scene: Scene, conn: Conn, f: Frame): Scene {
    if (!this.#c.on('rejection-ends')) return scene
    // PROTOCOL §6: no session yet: close, no frame; a first byte of 50 or 60 is never answered
    const silent = isControl(f.header.opcode) && this.#c.on('control-unanswered')
    if (conn.phase === 'INIT' || silent || !this.#c.on('one-answer')) return this.#end(scene, conn, conn, 'rejection')
    return this.#answer(scene, conn, OP.DESYNC, 'rejection')
  }

  /** One control frame under the current S2C keys and round, then TERMINATED (PROTOCOL §6). */
  #answer(scene: Scene, conn: Conn, opcode: number, by: EndedBy): Scene {
    if (conn.failing) return this.#end({ ends: scene.ends, events: [...scene.events, unsent(conn)] }, conn, conn, by)
    const keys = this.#c.on('errors-under-current-keys')
      ? conn.keys!
      : evolve(this.#c, conn.keys!, conn.hello!, this.#c.terms.make('plain', 'control'))
    const last = seal(
      this.#c,
      { ...conn, id: conn.id! },
      opcode,
      conn.round,
      keys,
      conn.expected!,
      { kind: 'control' },
      lastAccepted(conn),
    )
    const events = [...scene.events, sent(conn, last)]
    return this.#end({ ends: scene.ends, events }, conn, { ...conn, sent: [...conn.sent, last] }, by)
  }

  /** TERMINATE where there is a session that can still send, else only the end. */
  #bye(scene: Scene, conn: Conn, by: EndedBy): Scene {
    return conn.phase === 'ACTIVE' ? this.#answer(scene, conn, OP.TERMINATE, by) : this.#end(scene, conn, conn, by)
  }

  /** PROTOCOL §7: the new session is ACTIVE but unconfirmed. */
  #hello(scene: Scene, conn: Conn, f: Frame): Scene {
    const c = this.#c
    const id = f.header.id
    if (conn.failing && c.on('commit-on-hand-over')) return this.#end(this.#undone(scene, conn), conn, conn, 'fault')
    const k0 = helloStep(c, initialKeys(c, id), f)
    const order = scene.ends.filter((e) => e.order !== null).length
    const heard = this.#ends.conn({ ...conn, id, hello: f, keys: k0 })
    const text =
      c.setup.challenge === 'fresh' ? `Challenge from server ${String(conn.at.n).padStart(32, '0')}` : CONSTANT_TEXT
    const challenge = seal(c, { ...heard, id }, OP.CHALLENGE, 0, k0, heard.expected!, { kind: 'challenge', text }, f)
    const next = this.#ends.conn({
      ...heard,
      phase: 'ACTIVE',
      round: c.setup.startRound,
      keys: bindStep(c, evolve(c, k0, f, challenge.plain), f, challenge),
      challenge,
      order,
      confirmed: !c.on('first-data-confirms'),
      sent: conn.failing ? [] : [challenge],
      failing: false,
    })
    const done: Scene = {
      ends: replace(scene.ends, conn.at.n, next),
      events: [...scene.events, conn.failing ? unsent(conn) : sent(next, challenge), committed(conn, next)],
    }
    return this.#admit(done, next)
  }

  /** PROTOCOL §7: at most so many unconfirmed sessions per id; the oldest gives way. */
  #admit(scene: Scene, newcomer: Conn): Scene {
    const mine = scene.ends.filter((e) => e.phase === 'ACTIVE' && e.id === newcomer.id && e !== newcomer)
    const rival = mine.find((e) => e.confirmed)
    if (rival !== undefined && !this.#c.on('hello-touches-nothing')) return this.#bye(scene, rival, 'supersede')
    const halfOpen = mine.filter((e) => !e.confirmed).sort((a, b) => a.order! - b.order!)
    return halfOpen.length >= this.#c.setup.limits.unconfirmedPerId && this.#c.on('half-open-cap')
      ? this.#bye(scene, halfOpen[0]!, 'evicted')
      : scene
  }

  #data(scene: Scene, conn: Conn, f: Frame, v: Accepted): Scene {
    const c = this.#c
    // PROTOCOL §4: round 0xFFFFFFFF cannot be left: the DATA is neither counted nor answered
    if (conn.round === MAX_ROUND) return this.#bye({ ends: scene.ends, events: [scene.events[0]!] }, conn, 'rejection')
    const rival = scene.ends.find((e) => e !== conn && e.phase === 'ACTIVE' && e.confirmed && e.id === conn.id)
    // PROTOCOL §7: a newcomer whose HELLO is the older one is rejected; nothing of it is kept
    if (rival !== undefined && rival.order! > conn.order! && c.on('superseded')) {
      const refused = arrival(conn, f, { kind: 'rejected', reason: 'superseded', decrypted: v.decrypted })
      const before: Scene = { ends: scene.ends, events: refused }
      return this.#answer(before, conn, OP.TERMINATE, 'rejection')
    }
    // PROTOCOL §4: if the hand-over fails, nothing of it has happened and the session is TERMINATED
    if (conn.failing && c.on('commit-on-hand-over')) return this.#end(this.#undone(scene, conn), conn, conn, 'fault')
    const superseded = c.on('supersede') ? rival : undefined
    const body = this.#aggregate(scene.ends, conn, superseded, f)
    const response = seal(
      c,
      { ...conn, id: conn.id! },
      OP.RESPONSE,
      conn.round,
      conn.keys as Keys,
      conn.expected!,
      body,
      f,
    )
    const next = this.#ends.conn({
      ...conn,
      round: conn.round + 1,
      keys: evolve(c, conn.keys as Keys, f, response.plain),
      confirmed: true,
      exchanges: [...conn.exchanges, f, response],
      sent: conn.failing ? conn.sent : [...conn.sent, response],
      failing: false,
    })
    const done: Scene = {
      ends: replace(scene.ends, conn.at.n, next),
      events: [...scene.events, conn.failing ? unsent(conn) : sent(next, response), committed(conn, next)],
    }
    return superseded === undefined ? done : this.#bye(done, superseded, 'supersede')
  }

  /** PROTOCOL §8: over all values of that round from sessions that count, as if the commit had happened. */
  #aggregate(ends: readonly Conn[], conn: Conn, superseded: Conn | undefined, f: Frame): Body {
    const c = this.#c
    const counts = (e: Conn): boolean =>
      e !== conn && e !== superseded && e.confirmed && (e.phase === 'ACTIVE' || !c.on('withdraw-values'))
    const kept = ends.filter(counts).flatMap((e) => submissions(e).slice(-c.setup.limits.retainedRounds))
    const due = [...kept, ...(c.on('own-included') ? [f] : [])]
    const values = due
      .filter((d) => d.header.round === conn.round || !c.on('same-round-only'))
      .flatMap((d) => (d.body.kind === 'data' ? d.body.values : []))
    const sum = exactSum(values)
    const count = Math.max(1, values.length) // 0 only when the rule that counts the own values is off
    return { kind: 'aggregate', sum, count, average: sum / count + 0 } // §8: a zero result is +0
  }

  /** PROTOCOL §4: if the hand-over fails, nothing of what the frame did has happened: not even its acceptance. */
  #undone(scene: Scene, conn: Conn): Scene {
    return { ends: scene.ends, events: [scene.events[0]!, unsent(conn)] }
  }

  #end(scene: Scene, conn: Conn, last: ConnState, by: EndedBy): Scene {
    const next = this.#ends.conn({
      ...last,
      phase: 'TERMINATED',
      keys: null, // PROTOCOL §1: overwritten on entering TERMINATED
      confirmed: last.confirmed && !this.#c.on('withdraw-values'),
      failing: false,
    })
    return {
      ends: replace(scene.ends, conn.at.n, next),
      events: [...scene.events, ...terminated(conn, next, by)],
    }
  }

  #step(scene: Scene): Step<Conns> {
    return { after: this.#ends.conns(scene.ends), events: scene.events }
  }
}

type Accepted = Extract<Verdict, { kind: 'accepted' }>

/** The DATA frames a session accepted, oldest first. */
export const submissions = (e: Conn): readonly Frame[] => e.exchanges.filter((_, i) => i % 2 === 0)

const lastAccepted = (e: Conn): Frame | null => e.exchanges.at(-2) ?? e.hello
