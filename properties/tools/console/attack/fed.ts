/** What reaches an endpoint, judged by the reference at the moment of its delivery. */

import { PROTOCOL } from '../../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../../spec/dialects/follower.ts'
import type { Reason } from '../../../../spec/events.ts'
import type { End, Mode } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { parseHeader } from '../../../../spec/reference/frame.ts'
import { judge } from '../../../../spec/reference/judging.ts'
import { Reassembler } from '../../../../spec/reference/stream.ts'
import { changed } from '../../../harness/parties/changed.ts'
import type { MakeParty } from '../../../harness/parties/party.ts'

/** A complete frame; `frame` null: a length prefix that no frame can have. */
export interface Judged {
  readonly frame: Uint8Array | null
  readonly reason: Reason | null // null: it passes every check
  readonly session: boolean // false: a server's connection before its HELLO
  readonly round: number // that the receiver is in
}

export interface Fed {
  readonly at: End
  readonly gone: boolean // the endpoint had ended before: nobody reads it
  readonly first: Judged | null // null: no frame is complete
  readonly more: number // frames after it in the same chunk: what they meet depends on the answer to the first
  readonly held: number // bytes of a frame that is not complete yet
}

interface Watching {
  endpoint(at: End): { readonly node: Follower | null; readonly ended: boolean } | undefined
  superseded(at: End): boolean
  fed(f: Fed): void
}

interface Keys {
  readonly mode: Mode
  readonly keyring: ReadonlyMap<number, Uint8Array>
}

/** A party whose input is watched. */
export const feeding =
  (make: MakeParty, { mode, keyring }: Keys, watching: Watching): MakeParty =>
  (host, setup) => {
    const followers = new Followers(PROTOCOL[mode])
    const streams = new Map<number, Reassembler>()
    const party = make(host, setup)
    const { side } = setup

    const judged = (at: End, frame: Uint8Array | null): Judged => {
      const node = watching.endpoint(at)?.node ?? null
      const about = { frame, session: node !== null, round: node?.round ?? 0 }
      if (frame === null) return { ...about, reason: 'malformed' }
      const id = parseHeader(frame)?.id ?? 0
      const master = keyring.get(id)
      // before its HELLO a connection judges by the initial keys of the client that the frame names
      const verdict = judge(frame, side, node ?? (master === undefined ? null : followers.start(id, master)))
      if (verdict.kind === 'bad') return { ...about, reason: verdict.reason }
      return { ...about, reason: frame[0] === OP.DATA && watching.superseded(at) ? 'superseded' : null }
    }

    const feed = (at: End, bytes: Uint8Array): Fed => {
      const stream = streams.get(at.n) ?? new Reassembler(PROTOCOL[mode].framing)
      streams.set(at.n, stream)
      const [first, ...more] = stream.push(bytes)
      const frame = first?.kind === 'frame' ? first.frame : null
      const judgement = first === undefined ? null : judged(at, frame)
      return { at, gone: false, first: judgement, more: more.length, held: stream.buffered }
    }

    return changed(party, {
      receive(at, bytes, now) {
        const gone = watching.endpoint(at)?.ended ?? true
        watching.fed(gone ? { at, gone, first: null, more: 0, held: 0 } : feed(at, bytes))
        party.receive(at, bytes, now)
      },
    })
  }
