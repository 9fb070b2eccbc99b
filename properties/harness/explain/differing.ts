/** One step that two worlds played differently, and what can be asked of it. */
import { type Event, sameEnd } from '../../../spec/events.ts'
import type { Action, End } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import type { RuleId } from './rules.ts'

export type On<K extends Event['on']> = Extract<Event, { readonly on: K }>

export type Verdict = On<'accepted'> | On<'rejected'>

export type Rules = readonly RuleId[]

/** One step in both worlds, `own` of the system, and what was before it. */
export interface Differing {
  readonly action: Action
  readonly own: readonly Event[]
  readonly right: readonly Event[]
  readonly before: readonly Event[]
  bytes(frame: string): Uint8Array
  key(name: string): Uint8Array
  /** The two keys under which `at` has to seal in this step, as the tracker knows them. */
  keys(at: End): { readonly enc: Uint8Array; readonly mac: Uint8Array } | null
}

export const PAYLOADS: Readonly<Record<number, Rules>> = {
  [OP.HELLO]: ['text'],
  [OP.CHALLENGE]: ['text'],
  [OP.DATA]: ['data', 'local-rules'],
  [OP.RESPONSE]: ['response'],
  [OP.DESYNC]: ['control-payload'],
  [OP.TERMINATE]: ['control-payload'],
}

export const of = <K extends Event['on']>(events: readonly Event[], on: K): readonly On<K>[] =>
  events.filter((e): e is On<K> => e.on === on)

export const verdicts = (events: readonly Event[]): readonly Verdict[] =>
  events.filter((e): e is Verdict => e.on === 'accepted' || e.on === 'rejected')

export const hasSession = (d: Differing, at: End): boolean =>
  at.side === 'client' ||
  of(d.before, 'accepted').some((e) => sameEnd(e.at, at)) ||
  of(d.right, 'accepted').some((e) => sameEnd(e.at, at) && e.header.opcode === OP.HELLO)

export const endedBefore = (d: Differing, at: End): boolean =>
  of([...d.before, ...d.right], 'ended').some((e) => sameEnd(e.at, at))

export const pieces = (a: Action): boolean =>
  a.do === 'continue' || (a.do === 'deliver' && (a.cuts !== undefined || a.with !== undefined || a.upTo !== undefined))

/** Why the step sends at all: what was accepted or rejected in it, or time that passed. */
export const cause = (d: Differing): Verdict | undefined => verdicts(d.right)[0]
