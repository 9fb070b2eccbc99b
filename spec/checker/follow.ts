/** A schedule as moves of the model: where a search can go on from what somebody has played. */
import type { Header } from '../events.ts'
import { type Action, type Edit, type End, numberOf } from '../language.ts'
import { type Choice, delivery } from '../model/adversary.ts'
import { altered } from '../model/frames.ts'
import type { Frame } from '../model/state.ts'
import type { Client, Conn, State } from './endpoints.ts'
import type { Model } from './model.ts'
import type { Move } from './moves.ts'

export interface Followed {
  readonly moves: readonly Move[]
  /** After the moves. */
  readonly state: State
  /** The first action, by index, that the model has no move for, and why; null: it has one for each. */
  readonly missing: { readonly action: number; readonly why: string } | null
}

type Found = Choice | string // a string: why there is none

const endOf = (s: State, { side, n }: End): Client | Conn | undefined =>
  side === 'client' ? s.clients.ends[n] : s.conns.ends[n]

/** What the adversary makes of a frame, where terms can say it: its content altered under its own or another header. */
const edited = (m: Model, frame: Frame, edit: Edit): Frame | string => {
  const { header } = frame
  const under = (other: Partial<Header>): Frame => altered(m.context, { ...header, ...other })
  if (edit.do === 'set') return under({ [edit.field]: edit.value })
  const inside = edit.do === 'splice' ? edit.part !== 'header' : 'at' in edit && !/header|length/.test(edit.at)
  return inside ? under({}) : 'it changes the header or the length of a frame byte by byte'
}

const delivered = (m: Model, s: State, a: Extract<Action, { do: 'deliver' }>): Found => {
  if (a.cuts !== undefined || a.with !== undefined || a.upTo !== undefined) return 'the model has whole frames only'
  const ref = a.frame
  if (typeof ref !== 'object' || !('by' in ref)) return 'expected a frame that is named by its origin'
  const sender = endOf(s, ref.by)
  const frame = sender?.sent[ref.nth]
  if (frame === undefined) return 'the model has not sent this frame'
  const opens = a.to.side === 'server' && a.to.n === s.conns.ends.length
  const receiver = opens ? m.serverRules.next(a.to.n) : endOf(s, a.to)
  if (receiver === undefined) return 'the model has no such endpoint'
  if (!opens && a.to.side === 'server' && receiver.phase === 'INIT') return 'the connection was opened for no frame'
  const made = a.edit === undefined ? frame : edited(m, frame, a.edit)
  return typeof made === 'string' ? made : delivery(made, receiver)
}

const chosen = (m: Model, s: State, a: Action): Found => {
  switch (a.do) {
    case 'connect': {
      const id = m.context.setup.keyring[a.client]
      if (id === undefined) return 'the model has no such client'
      return a.failSend ? 'a HELLO that is not sent is no move of the model' : { do: 'connect', id }
    }
    case 'submit':
      return { do: 'submit', run: a.run, values: a.values.map(numberOf) }
    case 'finish':
      return a
    case 'deliver':
      return delivered(m, s, a)
    case 'close':
      return { do: 'drop', at: a.at, timer: null }
    case 'restart':
      return a.sameRng ? 'the model knows no reuse of random bytes' : { do: 'restart' }
    case 'advance':
      return 'the model knows no time, only that a timer fires'
    case 'continue':
    case 'inject':
    case 'seal':
    case 'leak':
    case 'failSend':
    case 'converse':
      return `the model has no single move for "${a.do}"`
  }
}

/** `actions`: in the normal form of stored schedules. Of several outcomes of a move the first is taken. */
export const follow = (m: Model, actions: readonly Action[]): Followed => {
  const moves: Move[] = []
  let state = m.initStates()[0]!
  const take = (c: Choice): void => {
    const move = m.moves.of(c)
    moves.push(move)
    state = m.apply(state, move, m.play(move.side === 'client' ? state.clients : state.conns, move)[0]!)
  }
  for (const [action, a] of actions.entries()) {
    const found = chosen(m, state, a)
    if (typeof found === 'string') return { moves, state, missing: { action, why: found } }
    take(found)
  }
  return { moves, state, missing: null }
}

/** What the users of idle clients submit: in the model they do so as soon as they can, or never. */
export const pending = (s: State): readonly Action[] =>
  s.clients.ends
    .filter((e) => e.phase === 'ACTIVE' && e.outstanding === null)
    .map((e) => ({ do: 'submit', run: e.at.n, values: [2 ** (e.at.n + 4)] }))
