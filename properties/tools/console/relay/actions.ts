/** The actions of the schedule language that a relay can do: clients act as they like, so only those of a network. */
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { endName } from '../../../../spec/events.ts'
import type { Action, End, FrameRef, Pick, Schedule } from '../../../../spec/language.ts'
import { chunksOf } from '../../../harness/actions.ts'
import { UsageError } from '../../../harness/terminal/options.ts'
import { caption } from '../../../harness/trace/trace.ts'
import { fromHex } from '../../../harness/wire.ts'
import type { Middle } from './middle.ts'

export type RelayAction =
  | Extract<Action, { do: 'deliver' | 'inject' | 'advance' }>
  | { readonly do: 'close'; readonly at: End }

const byOrigin = (p: Pick): p is FrameRef => typeof p !== 'number' && 'by' in p

const picksOf = (a: RelayAction): readonly Pick[] =>
  a.do === 'deliver' ? [a.frame, ...(a.with ?? []), ...(a.edit?.do === 'splice' ? [a.edit.from] : [])] : []

/** The frames it names. */
export const framesOf = (a: RelayAction): readonly FrameRef[] => picksOf(a).filter(byOrigin)

/** Whether an action has to do with connection `n`. */
export const concerns = (a: RelayAction, n: number): boolean =>
  ('to' in a && a.to.n === n) || ('at' in a && a.at.n === n) || framesOf(a).some((p) => p.by.n === n)

const CAN = ['deliver', 'inject', 'close', 'advance'] as const satisfies readonly Action['do'][]

/** The actions of a schedule from the file `name`. Throws a UsageError at the first that a relay cannot do. */
export const relayActions = (name: string, s: Schedule, d: Dialect): readonly RelayAction[] =>
  s.actions.map((a, i) => {
    const refused = (expected: string, got: string): UsageError =>
      new UsageError(`${name}: actions[${i}]: expected ${expected}, got ${got}`)
    if (!isForRelay(a)) throw refused(`one that a relay can do (${CAN.join(', ')})`, a.do)
    const odd = picksOf(a).find((p) => !byOrigin(p))
    if (odd !== undefined) throw refused('frames named by origin', JSON.stringify(odd))
    if (a.do === 'deliver' && a.upTo !== undefined) throw refused('whole frames', JSON.stringify(a))
    if (d.framing.kind !== 'u32be' && a.do === 'deliver' && a.edit?.do === 'flip' && a.edit.at === 'length')
      throw refused('a part of the frame', `length, which is no u32be in dialect ${d.name}`)
    if ('to' in a && a.to.n < 0) throw refused('an end counted from 0', String(a.to.n))
    return a
  })

const isForRelay = (a: Action): a is RelayAction => CAN.some((d) => d === a.do)

/**
 * What does an action; null: its frames have not arrived, or its connection is not there. One past the last connection is
 * opened (language.ts). `passed`: what follows when the time of an `advance` has passed.
 */
export const prepare = (middle: Middle, a: RelayAction, passed: () => void = () => {}): (() => void) | null => {
  const says = caption(a, null)
  const { wire, connections } = middle
  if ('to' in a && a.to.n >= connections + (a.to.side === 'server' ? 1 : 0)) return null
  switch (a.do) {
    case 'deliver': {
      if (picksOf(a).some((p) => wire.pick(p, a.to.side) === undefined)) return null
      const [frame, ...more] = [a.frame, ...(a.with ?? [])].map((p) => wire.pick(p, a.to.side)!)
      const bytes = [middle.edited(frame!.bytes, a.to.side, a.edit), ...more.map((f) => middle.framed(f.bytes))]
      const note = says ?? `${frame!.id} delivered to ${endName(a.to)}`
      return () => middle.give(a.to, chunksOf(Buffer.concat(bytes), a.cuts ?? []), note)
    }
    case 'inject':
      return () => middle.give(a.to, [fromHex(a.hex)], says ?? '')
    case 'close':
      if (a.at.n >= connections) return null
      return () => {
        middle.say(`  ${says}`)
        middle.close(a.at.n)
      }
    case 'advance':
      return () => {
        middle.say(`  waits ${a.ms} ms`)
        middle.after(a.ms, passed)
      }
  }
}
