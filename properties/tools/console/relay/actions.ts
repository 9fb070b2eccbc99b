/** The actions of the schedule language that a relay can do: clients act as they like, so only those of a network. */
import { endName } from '../../../../spec/events.ts'
import type { Action, End, FrameRef, Pick, Schedule } from '../../../../spec/language.ts'
import { chunksOf } from '../../../harness/actions.ts'
import type { Parsed } from '../../../harness/schedule-file.ts'
import { caption } from '../../../harness/trace/trace.ts'
import { edited, framed, fromHex } from '../../../harness/wire.ts'
import type { Hand } from './policy.ts'

export type RelayAction = Extract<Action, { do: 'deliver' | 'inject' | 'advance' }> | { do: 'close'; at: End }

const byOrigin = (p: Pick): p is FrameRef => typeof p !== 'number' && 'by' in p

const picksOf = (a: RelayAction): readonly Pick[] =>
  a.do === 'deliver' ? [a.frame, ...(a.with ?? []), ...(a.edit?.do === 'splice' ? [a.edit.from] : [])] : []

/** The frames it names. */
export const framesOf = (a: RelayAction): readonly FrameRef[] => picksOf(a).filter(byOrigin)

/** Whether an action has to do with connection `n`. */
export const concerns = (a: RelayAction, n: number): boolean => {
  switch (a.do) {
    case 'deliver':
      return a.to.n === n || framesOf(a).some((p) => p.by.n === n)
    case 'inject':
      return a.to.n === n
    case 'close':
      return a.at.n === n
    case 'advance':
      return false
  }
}

/** What a relay expects instead of an action that it cannot do. */
interface Refusal {
  readonly expected: string
  readonly got: string
}

const forRelay = (a: Action): RelayAction | Refusal => {
  switch (a.do) {
    case 'deliver':
    case 'inject': {
      const odd = picksOf(a).find((p) => !byOrigin(p))
      if (odd !== undefined) return { expected: 'frames named by origin', got: JSON.stringify(odd) }
      if (a.do === 'deliver' && a.upTo !== undefined) return { expected: 'whole frames', got: JSON.stringify(a) }
      return a.to.n < 0 ? { expected: 'an end counted from 0', got: String(a.to.n) } : a
    }
    case 'close':
      return { do: 'close', at: a.at }
    case 'advance':
      return a
    case 'converse':
    case 'connect':
    case 'continue':
    case 'submit':
    case 'finish':
    case 'seal':
    case 'failSend':
    case 'leak':
    case 'restart':
      return { expected: 'one that a relay can do (deliver, inject, close, advance)', got: a.do }
  }
}

/** The actions of a schedule from the file `name`, or why the first that a relay cannot do is none for it. */
export const relayActions = (name: string, s: Schedule): Parsed<readonly RelayAction[]> => {
  const actions: RelayAction[] = []
  for (const [i, action] of s.actions.entries()) {
    const a = forRelay(action)
    if (!('do' in a)) return { kind: 'bad', why: `${name}: actions[${i}]: expected ${a.expected}, got ${a.got}` }
    actions.push(a)
  }
  return { kind: 'ok', value: actions }
}

/** Whether its frames have arrived and its connection is there; one past the last connection is opened (language.ts). */
export const canDo = (hand: Hand, a: RelayAction): boolean => {
  switch (a.do) {
    case 'deliver':
    case 'inject': {
      const known = hand.connections + (a.to.side === 'server' ? 1 : 0)
      return a.to.n < known && picksOf(a).every((p) => hand.wire.pick(p, a.to.side) !== undefined)
    }
    case 'close':
      return a.at.n < hand.connections
    case 'advance':
      return true
  }
}

/** Does an action that `canDo`. `passed`: what follows when the time of an `advance` has passed. */
export const perform = (hand: Hand, a: RelayAction, passed: () => void = () => {}): void => {
  const says = caption(a, null)
  const give = (to: End, chunks: readonly Uint8Array[], note: string): void => {
    if (to.side === 'server' && to.n === hand.connections) hand.connect()
    hand.give(to, chunks, note)
  }
  switch (a.do) {
    case 'deliver': {
      const { wire } = hand
      const frame = wire.pick(a.frame, a.to.side)!
      const more = (a.with ?? []).map((p) => framed(wire.pick(p, a.to.side)!.bytes))
      const bytes = Buffer.concat([edited(wire, frame.bytes, a.to.side, a.edit), ...more])
      give(a.to, chunksOf(bytes, a.cuts ?? []), says ?? `${frame.id} delivered to ${endName(a.to)}`)
      return
    }
    case 'inject':
      give(a.to, [fromHex(a.hex)], says ?? '')
      return
    case 'close':
      hand.say(`  ${says}`)
      hand.close(a.at.n)
      return
    case 'advance':
      hand.say(`  waits ${a.ms} ms`)
      hand.after(a.ms, passed)
      return
  }
}
