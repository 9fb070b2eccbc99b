/** What reaches an endpoint, judged by the reference at the moment of its delivery. */

import { PROTOCOL } from '../../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../../spec/dialects/follower.ts'
import { judge } from '../../../../spec/dialects/reactions.ts'
import { Reassembler } from '../../../../spec/dialects/stream.ts'
import type { Reason } from '../../../../spec/events.ts'
import type { End } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { parseHeader } from '../../../../spec/reference/frame.ts'
import { changed, type MakeParty } from '../../../harness/parties/party.ts'

/** A complete frame; `frame` null: a length prefix that no frame can have. */
export interface Judged {
  readonly frame: Uint8Array | null
  readonly reason: Reason | null // null: it passes every check
  readonly session: boolean // false: a server's connection before its HELLO
  readonly round: number // that the receiver is in
}

export interface Delivery {
  readonly at: End
  readonly gone: boolean // the endpoint had ended before: nobody reads it
  readonly first: Judged | null // null: no frame is complete
  readonly more: number // frames after it in the same chunk: what they meet depends on the answer to the first
  readonly held: number // bytes of a frame that is not complete yet
}

interface Watching {
  readonly keyring: ReadonlyMap<number, Uint8Array>
  endpoint(at: End): { readonly node: Follower | null; readonly ended: boolean } | undefined
  /** Where the conversation of a client begins. */
  start(id: number): Follower
  superseded(at: End): boolean
  delivered(d: Delivery): void
}

/** A party of which `watching` hears every delivery, before the party does. */
export const watched =
  (make: MakeParty, watching: Watching): MakeParty =>
  (host, setup) => {
    const streams = new Map<number, Reassembler>()
    const party = make(host, setup)

    const judged = (at: End, frame: Uint8Array | null): Judged => {
      const node = watching.endpoint(at)?.node ?? null
      const about = { frame, session: node !== null, round: node?.round ?? 0 }
      if (frame === null) return { ...about, reason: 'malformed' }
      const id = parseHeader(frame)?.id ?? 0
      // before its HELLO a connection judges by the initial keys of the client that the frame names
      const verdict = judge(frame, setup.side, node ?? (watching.keyring.has(id) ? watching.start(id) : null))
      if (verdict.kind === 'bad') return { ...about, reason: verdict.reason }
      return { ...about, reason: frame[0] === OP.DATA && watching.superseded(at) ? 'superseded' : null }
    }

    const delivery = (at: End, bytes: Uint8Array): Delivery => {
      const stream = streams.get(at.n) ?? new Reassembler(PROTOCOL.bound.framing)
      streams.set(at.n, stream)
      const [first, ...more] = stream.push(bytes)
      const judgement = first === undefined ? null : judged(at, first.kind === 'frame' ? first.frame : null)
      return { at, gone: false, first: judgement, more: more.length, held: stream.buffered }
    }

    return changed(party, {
      receive(at, bytes, now) {
        const gone = watching.endpoint(at)?.ended ?? true
        watching.delivered(gone ? { at, gone, first: null, more: 0, held: 0 } : delivery(at, bytes))
        party.receive(at, bytes, now)
      },
    })
  }
