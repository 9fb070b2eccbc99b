/**
 * What the first step at which a system and the reference differ says about the rule that is missing: the reason for which
 * one of the two rejected a frame, the field in which two frames differ, the key that moved otherwise, who ended whom.
 */
import { type Header, REASONS, type Reason, sameEnd } from '../../../spec/events.ts'
import type { Action } from '../../../spec/language.ts'
import { isControl, MAX_ROUND, OP } from '../../../spec/opcodes.ts'
import { isLegal, OPCODES } from '../../../spec/reference/judging.ts'
import {
  cause,
  type Differing,
  endedBefore,
  hasSession,
  type On,
  of,
  overControl,
  overFrames,
  PAYLOADS,
  pieces,
  type Rules,
  type Verdict,
  verdicts,
} from './differing.ts'
import type { RuleId } from './rules.ts'

/** The check that has this reason. `first`: at a server without a session. */
const ruleOf = (reason: Reason, header: Header | null, first: boolean): Rules => {
  switch (reason) {
    case 'malformed':
      return header === null ? ['length-prefix', 'frame-length'] : ['frame-length', 'length-prefix']
    case 'unknown-opcode':
      return ['known-opcode', 'header']
    case 'wrong-client':
      return first ? ['own-id', 'first-frame', 'client-ids'] : ['own-id', 'own-connection']
    case 'wrong-direction':
      return ['own-direction', 'header']
    case 'stale-round':
    case 'future-round':
      return ['own-round', 'header']
    case 'out-of-phase':
      if (header?.opcode === OP.RESPONSE && header.round === MAX_ROUND) return ['last-round', 'legal']
      return first ? ['legal', 'first-frame'] : ['legal']
    case 'bad-tag':
      return ['tag', 'tag-input']
    case 'bad-padding':
      return ['padding']
    case 'bad-payload':
      return PAYLOADS[header?.opcode ?? 0] ?? ['data']
    case 'superseded':
      return ['superseded', 'supersede']
  }
}

/** What rules what somebody asks for, where no frame decides. */
const BY_ACTION: Readonly<Partial<Record<Action['do'], Rules>>> = {
  connect: ['master-key'],
  submit: ['local-rules'],
  finish: ['graceful-end'],
  advance: ['server-timers'],
  close: ['withdraw'],
}

/** Of an exception: what the reference says of the frame over which it escaped. */
const overFault = (d: Differing): Rules => {
  const right = verdicts(d.right)[0]
  const [asked] = BY_ACTION[d.action.do] ?? []
  if (asked !== undefined) return [asked]
  if (right?.on === 'rejected' && right.reason !== null) {
    const first = !hasSession(d, right.at)
    const rules = ruleOf(right.reason, right.header, first)
    return right.reason === 'wrong-client' && first ? ['silent-first-frame', ...rules] : rules
  }
  return right?.on === 'accepted'
    ? ['master-key', ...(PAYLOADS[right.header.opcode] ?? [])]
    : ['chunks', 'length-prefix']
}

const order = (reason: Reason): number => REASONS.indexOf(reason)

/** Two verdicts on what is the same frame, or one where the other world has none. */
const overVerdicts = (d: Differing, a: Verdict | undefined, b: Verdict | undefined): Rules => {
  const it = (b ?? a)!
  const first = !hasSession(d, it.at)
  if (a !== undefined && b !== undefined && a.frame !== b.frame)
    return pieces(d.action) ? ['chunks', 'length-prefix'] : ['length-prefix', 'frame-length', 'chunks']
  if (a === undefined) {
    if (of(d.own, 'ended').some((e) => e.by === 'finish')) return ['last-round', 'round']
    if (b!.on === 'rejected' && b!.frame === null)
      return pieces(d.action) ? ['length-prefix', 'chunks'] : ['length-prefix']
    return ['chunks', 'length-prefix', 'discard']
  }
  if (
    b === undefined &&
    a.on === 'rejected' &&
    a.reason !== null &&
    of(d.right, 'ended').some((e) => e.by === 'finish')
  )
    return ruleOf(a.reason, a.header, first)
  if (b === undefined && a.frame === null && !endedBefore(d, it.at)) return ['length-prefix', 'frame-length', 'chunks']
  if (b === undefined)
    return endedBefore(d, it.at)
      ? ['discard', 'rejection-ends', 'chunks']
      : ['chunks', 'length-prefix', 'own-connection']
  const { header } = b
  if (a.on === 'accepted' && b.on === 'rejected')
    return b.reason === null
      ? []
      : [...illegal(a), ...ruleOf(b.reason, header, first), ...(b.reason === 'bad-tag' ? KEYED : [])]
  if (a.on === 'rejected' && b.on === 'accepted') {
    if (a.reason === null) return []
    const { id, opcode } = b.header
    const ids: Rules = a.reason === 'wrong-client' && id === 255 ? ['client-ids'] : []
    const hello: Rules =
      opcode === OP.HELLO && a.reason === 'out-of-phase' ? ['hello-touches-nothing', 'half-open'] : []
    const elsewhere: Rules =
      opcode === OP.HELLO && it.at.side === 'server' && a.reason === 'stale-round' ? ['own-connection'] : [] // of a round 0
    const late: Rules = b.header.round >= MAX_ROUND - 1 ? ['last-round'] : []
    const longer: Rules = a.reason === 'superseded' ? ['supersede'] : []
    const cut: Rules = pieces(d.action) ? ['chunks'] : []
    return [...cut, ...elsewhere, ...longer, ...ids, ...late, ...hello, ...ruleOf(a.reason, a.header ?? header, first)]
  }
  if (a.on === 'rejected' && b.on === 'rejected' && a.reason !== b.reason && a.reason !== null && b.reason !== null)
    return order(a.reason) > order(b.reason)
      ? ruleOf(b.reason, header, first)
      : [...(a.reason === 'bad-padding' ? (['tag'] as const) : []), ...ruleOf(a.reason, a.header, first)]
  return pieces(d.action) ? ['chunks', 'discard'] : ['own-connection', 'chunks']
}

/** Accepted where the opcode itself should have been enough to refuse it. */
const illegal = ({ at, header, before }: On<'accepted'>): Rules => {
  const { phase, round, outstanding } = before ?? { phase: 'INIT', round: 0, outstanding: false }
  if (phase === 'TERMINATED' || !OPCODES.includes(header.opcode) || round === MAX_ROUND) return []
  const request = outstanding || phase === 'INIT' ? new Uint8Array() : null
  return isLegal(header.opcode, at.side, { phase, round, request }) ? [] : ['legal']
}

const KEYED: Rules = ['bind-step', 'hello-step']

const overSent = (d: Differing): Rules => {
  const [own, right] = [of(d.own, 'sent'), of(d.right, 'sent')]
  const at = right.findIndex((e, i) => own[i]?.frame !== e.frame || !sameEnd(own[i]!.at, e.at))
  const i = at >= 0 ? at : right.length
  const [a, b] = [own[i], right[i]]
  if (a === undefined && b === undefined) return []
  const failed = of([...d.own, ...d.right], 'unsent').length > 0
  const wires: Rules = failed ? ['hand-over', 'commit'] : []
  if (a !== undefined && b !== undefined && sameEnd(a.at, b.at)) return [...wires, ...overFrames(d, a, b)]
  const only = (b ?? a)!
  const { opcode } = only.header
  if (d.action.do === 'submit') return ['local-rules', 'data', ...wires]
  if (isControl(opcode))
    return [...wires, ...overControl(d, only.at), ...(cause(d)?.on === 'accepted' ? (['control-obeyed'] as const) : [])]
  if (opcode === OP.RESPONSE && only.header.round >= MAX_ROUND - 1) return ['last-round', ...wires]
  return [...wires, 'control-obeyed', 'header', 'local-rules']
}

/** Why a session that had to end goes on, or one that had to go on ends. */
const overEnds = (d: Differing): Rules => {
  const [own, right] = [of(d.own, 'ended'), of(d.right, 'ended')]
  const is = (a: On<'ended'>) => (b: On<'ended'>) => sameEnd(a.at, b.at) && a.by === b.by
  const odd = right.find((e) => !own.some(is(e))) ?? own.find((e) => !right.some(is(e)))
  if (odd === undefined) return []
  const v = cause(d)
  const stranger = v !== undefined && !sameEnd(v.at, odd.at)
  if (stranger && v.on === 'rejected') return ['isolation', 'hello-touches-nothing']
  if (of([...d.own, ...d.right], 'unsent').length > 0) return ['hand-over', 'graceful-end']
  switch (odd.by) {
    case 'rejection':
      return odd.at.side === 'server' && !hasSession(d, odd.at)
        ? ['rejection-ends', 'silent-first-frame']
        : ['rejection-ends', odd.at.side === 'server' ? 'alarm' : 'client-silent']
    case 'peer':
      return stranger ? ['isolation', 'control-obeyed'] : ['control-obeyed', 'legal']
    case 'supersede':
      return v?.on === 'accepted' && v.header.opcode === OP.HELLO
        ? ['hello-touches-nothing', 'half-open']
        : ['supersede', 'withdraw']
    case 'evicted':
      return v === undefined || (v.on === 'accepted' && v.header.opcode !== OP.HELLO)
        ? ['connections']
        : ['half-open', 'superseded', 'hello-touches-nothing', 'connections']
    case 'timer':
      return odd.at.side === 'server' ? ['server-timers'] : ['client-timers']
    case 'finish':
      return odd.at.side === 'server' ? ['last-round'] : ['graceful-end']
    case 'close':
      return ['withdraw', 'isolation']
    case 'fault':
      return ['hand-over', 'connections']
  }
}

const EVOLVED: Rules = ['evolve-c2s-enc', 'evolve-c2s-mac', 'evolve-s2c-enc', 'evolve-s2c-mac']

/** The keys that differ, of a view that differs. */
const overKeys = (d: Differing, a: On<'committed'>, b: On<'committed'>, mode: string): Rules => {
  const odd = [0, 1, 2, 3].filter((i) => a.view.keys?.[i] !== b.view.keys?.[i])
  if (odd.some((i) => a.view.keys !== null && d.key(a.view.keys[i]!).every((x) => x === 0)))
    return ['erase', ...(b.view.phase === 'INIT' ? [] : (['bind-step'] as const)), 'no-key-on-failure']
  if (d.action.do === 'submit') return ['client-commit']
  const own = odd.map((i) => EVOLVED[i]!)
  if (b.view.phase === 'INIT')
    return mode === 'literal'
      ? ['literal', 'initial-keys']
      : odd.length === 1 && odd[0]! < 2
        ? [...own, 'hello-step']
        : ['hello-step', 'initial-keys', ...own]
  if (b.before !== null && b.before.phase === 'ACTIVE') return own
  if (mode === 'literal') return odd.length > 2 ? ['literal', ...own] : own
  if (odd.length === 1) return [...own, 'bind-step', 'hello-step']
  return odd.every((i) => i > 1) ? ['bind-step', 'hello-step', ...own] : ['bind-step', ...own, 'hello-step']
}

const overViews = (d: Differing, mode: string): Rules => {
  const [own, right] = [of(d.own, 'committed'), of(d.right, 'committed')]
  const key = (e: On<'committed'>): string => JSON.stringify([e.at, e.view])
  const b = right.find((e) => !own.some((o) => key(o) === key(e)))
  const a = own.find((e) => (b === undefined ? !right.some((o) => key(o) === key(e)) : sameEnd(e.at, b.at)))
  const failed = of([...d.own, ...d.right], 'unsent').length > 0
  const v = cause(d)
  if (failed) return ['hand-over', 'commit']
  if (v?.on === 'rejected' && (a ?? b)!.view.phase !== 'TERMINATED') return ['no-key-on-failure', 'rejection-ends']
  if (d.action.do === 'submit') return ['client-commit', 'local-rules']
  if (b?.view.phase === 'TERMINATED' && a?.view.phase !== 'TERMINATED')
    return of(d.right, 'ended').some((e) => sameEnd(e.at, b.at) && e.by === 'supersede')
      ? ['supersede', 'withdraw']
      : ['withdraw', 'rejection-ends', 'control-obeyed']
  if (a === undefined || b === undefined) return ['commit', 'confirm', 'control-obeyed']
  if (a.view.keys !== null && b.view.keys === null) return ['control-obeyed', 'erase']
  if (a.view.round !== b.view.round) return ['round', 'last-round']
  if (a.view.confirmed !== b.view.confirmed) return ['confirm', 'commit']
  if (a.view.phase !== b.view.phase) return ['legal', 'commit']
  return overKeys(d, a, b, mode)
}

/** Rules in order of likelihood; none where the two do the same. */
export const evidence = (d: Differing, mode: string): Rules => {
  const found: RuleId[] = []
  if (of(d.own, 'fault').length > of(d.right, 'fault').length) found.push(...overFault(d))
  const [own, right] = [verdicts(d.own), verdicts(d.right)]
  const key = (v: Verdict | undefined): string =>
    v === undefined ? '' : JSON.stringify([v.at, v.on, v.frame, v.on === 'rejected' ? v.reason : null])
  const longest = Math.max(own.length, right.length)
  for (let i = 0; i < longest; i++)
    if (key(own[i]) !== key(right[i])) {
      found.push(...overVerdicts(d, own[i], right[i]))
      break
    }
  if (of(d.own, 'submitted').some((e, i) => e.refused !== of(d.right, 'submitted')[i]?.refused))
    found.push('local-rules', 'data')
  const verdictsAgree = found.length === 0
  const lost = of(d.right, 'unsent').length !== of(d.own, 'unsent').length
  if (lost) found.push('hand-over')
  if (verdictsAgree) found.push(...overEnds(d))
  found.push(...overSent(d))
  if (!verdictsAgree) found.push(...overEnds(d))
  const views = JSON.stringify(of(d.own, 'committed')) !== JSON.stringify(of(d.right, 'committed'))
  if (views) found.push(...overViews(d, mode))
  return [...new Set(found)]
}
