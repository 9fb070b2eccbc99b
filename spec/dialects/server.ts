/** A server of any dialect, with its clients. Simpler than PROTOCOL §7: whoever shakes hands, takes part. */
import type { Reason } from '../events.ts'
import { MAX_ROUND, OP } from '../opcodes.ts'
import { parseHeader } from '../reference/frame.ts'
import { CONTROL } from '../reference/payload.ts'
import type { Environment } from '../reference/position.ts'
import type { Follower, Followers } from './follower.ts'
import { writeChallenge, writeResponse } from './payload.ts'
import { judge, react, SILENT, unknownClient } from './reactions.ts'
import { Reassembler } from './stream.ts'

interface DialectServerSetup {
  readonly followers: Followers
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly expects: number // how many submissions complete a round where the server waits for all
}

/** One connection. */
export interface Line {
  readonly env: Environment
  readonly stream: Reassembler
  position: Follower | null // null before its first good HELLO
  readonly submitted: Map<number, readonly number[]> // by round
  waitingSince: number | null // a DATA without its answer, since when
}

/** Times are in seconds: some dialects tell the time of day. */
export class DialectServer {
  readonly #setup: DialectServerSetup
  readonly #lines = new Set<Line>()

  constructor(setup: DialectServerSetup) {
    this.#setup = setup
  }

  accept(env: Environment): Line {
    const { framing, banners } = this.#setup.followers.dialect
    const stream = new Reassembler(framing, banners.c2s)
    const line: Line = { env, stream, position: null, submitted: new Map(), waitingSince: null }
    this.#lines.add(line)
    return line
  }

  receive(line: Line, chunk: Uint8Array, seconds: number): void {
    for (const piece of line.stream.push(chunk)) {
      if (!this.#lines.has(line)) return
      if (piece.kind === 'frame') this.#frame(line, piece.frame, seconds)
      else this.#reject(line, null, 'malformed')
    }
  }

  #frame(line: Line, frame: Uint8Array, seconds: number): void {
    const position = line.position ?? this.#greet(line, frame)
    if (position === null) return
    const judgement = judge(frame, 'server', position, position.dialect)
    if (judgement.kind === 'bad') {
      this.#reject(line, frame, judgement.reason, position)
      return
    }
    // PROTOCOL §4: round 0xFFFFFFFF cannot be left; its DATA is neither counted nor answered.
    if (judgement.body.kind === 'data' && position.round === MAX_ROUND && position.dialect.reaction === 'uniform') {
      this.#send(line, OP.TERMINATE, CONTROL)
      this.#end(line, 'finish')
      return
    }
    line.position = position.after(frame)
    line.env.accepted(frame)
    if (judgement.header.opcode === OP.HELLO) {
      const { random } = line.env
      this.#send(line, OP.CHALLENGE, writeChallenge(position.dialect, seconds, random))
    } else if (judgement.body.kind === 'data') {
      line.submitted.set(position.round, judgement.body.values)
      line.waitingSince = seconds
      this.#answer(line, position.round)
    } else {
      this.#end(line, 'peer')
    }
  }

  /** `frame` null: a length prefix that no frame can have. `at`: the position that the frame was judged by. */
  #reject(line: Line, frame: Uint8Array | null, reason: Reason, at = line.position): void {
    line.env.rejected(frame, reason)
    const answer = at === null ? SILENT : react(frame, reason, at, line.env.random)
    if (answer.frame !== null) line.env.send(answer.frame)
    if (!answer.stays) this.#end(line, 'rejection')
  }

  /** The position from which the id in a first frame starts; unknown ids are turned away. */
  #greet(line: Line, frame: Uint8Array): Follower | null {
    const id = parseHeader(frame)?.id ?? 0
    const { keyring, followers } = this.#setup
    const master = keyring.get(id)
    if (master !== undefined) return followers.start(id, master)
    const { reaction } = followers.dialect
    const judgement = reaction === 'uniform' ? judge(frame, 'server', null, followers.dialect) : null
    line.env.rejected(frame, judgement?.kind === 'bad' ? judgement.reason : 'wrong-client')
    if (reaction === 'telling') line.env.send(unknownClient(followers.dialect, id))
    else this.#end(line, 'rejection')
    return null
  }

  #answer(line: Line, round: number): void {
    const { waits } = this.#setup.followers.dialect
    if (waits.kind === 'no') this.#answerOne(line, round)
    if (waits.kind !== 'barrier') return
    const waiting = this.#waiting()
    if (waiting.length >= (waits.clients === 'all' ? this.#setup.expects : waits.clients)) this.#answerAll(waiting)
  }

  #waiting(): readonly Line[] {
    return [...this.#lines].filter((l) => l.waitingSince !== null)
  }

  #answerOne(line: Line, round: number): void {
    const { dialect } = this.#setup.followers
    // DIALECTS A: over the active clients so far. B: over the clients in the middle of a round, so in practice its own.
    const counted = dialect.response === 'decimal-sum' ? this.#waiting() : [...this.#lines]
    const submissions = counted.flatMap((l) => (l.submitted.has(round) ? [l.submitted.get(round)!] : []))
    this.#respond(line, submissions.flat(), submissions.length)
  }

  /** DIALECTS C: everybody gets the same count and sum. */
  #answerAll(waiting: readonly Line[]): void {
    const values = waiting.flatMap((l) => l.submitted.get(l.position?.round ?? 0) ?? [])
    for (const line of waiting) this.#respond(line, values, waiting.length)
  }

  #respond(line: Line, values: readonly number[], submissions: number): void {
    line.waitingSince = null
    this.#send(line, OP.RESPONSE, writeResponse(this.#setup.followers.dialect, values, submissions))
  }

  /** What has waited for as long as the dialect says is answered with what there is. */
  tick(seconds: number): void {
    const { waits } = this.#setup.followers.dialect
    if (waits.kind === 'no' || waits.seconds === null) return
    const due = this.#waiting().filter((l) => seconds - (l.waitingSince ?? seconds) >= waits.seconds!)
    if (waits.kind === 'sleep') for (const line of due) this.#answerOne(line, line.position?.round ?? 0)
    else if (due.length > 0) this.#answerAll(this.#waiting())
  }

  close(line: Line): void {
    if (this.#lines.has(line)) this.#end(line, 'close')
  }

  #send(line: Line, opcode: number, plaintext: Uint8Array): void {
    const { position } = line
    if (position === null) return
    const header = { opcode, id: position.id, round: position.round, direction: position.dialect.directions.s2c }
    const frame = position.seal('s2c', header, plaintext, line.env.random(16))
    line.position = position.after(frame)
    if (!line.env.send(frame)) this.#end(line, 'fault')
  }

  #end(line: Line, by: 'rejection' | 'peer' | 'close' | 'fault' | 'finish'): void {
    this.#lines.delete(line)
    line.env.ended(by)
  }
}
