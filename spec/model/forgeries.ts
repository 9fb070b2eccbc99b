/** Powers I and L (ADVERSARY §1): which keys the adversary has, and the frames worth sealing with them. */
import { type Body, endName, type Header } from '../events.ts'
import { isControl, OP } from '../opcodes.ts'
import { type Bounds, type Delivery, delivery } from './adversary.ts'
import { judge } from './checks.ts'
import { forge } from './frames.ts'
import { initialKeys, pair } from './keys.ts'
import { type Contents, type Endpoint, type Keys, receivedBy, type Symbols, type Term } from './state.ts'

/**
 * Whether the adversary, who has the insiders' master keys and at most one stolen quadruple, has a key. The formulas of
 * PROTOCOL §4 mix only public things into a key (IVs, ciphertexts, handshake frames, the status), save for the aggregate
 * that S2C-ENC absorbs: and who knows S2C-ENC of a round reads the aggregate of that round before any endpoint can have
 * absorbed it. So a key is known when some key that it was derived from is.
 */
export const knows = (symbols: Symbols, stolen: Keys | null, key: Term): boolean => {
  if (stolen?.includes(key)) return true
  const { kind, parts } = symbols.node(key)
  if (kind === 'initial') return symbols.setup.insiders.includes(Number(symbols.node(parts[0] as Term).parts[0]))
  const derived = kind === 'hello' || kind === 'bind' || kind === 'evolve'
  return derived && knows(symbols, stolen, parts[0] as Term)
}

interface Content extends Pick<Contents, 'body' | 'padded'> {
  readonly opcode: number
  readonly round: number // relative to the right one
  readonly wrong: 'id' | 'direction' | null // a field of the header that is not the right one
}

const content = (opcode: number, body: Body): Content => ({ opcode, body, round: 0, wrong: null, padded: true })
const control: Body = { kind: 'control' }
const LIE = 2 ** 20 // no sum of honest values

/** The legal frames first. */
const legal = ({ at, phase }: Endpoint): readonly [Content, ...Content[]] => {
  const lie: Body = { kind: 'aggregate', sum: LIE, count: 1, average: LIE }
  if (at.side === 'client') return [content(OP.RESPONSE, lie), content(OP.DESYNC, control)]
  if (phase === 'INIT') return [content(OP.HELLO, { kind: 'hello', text: '' })]
  return [content(OP.DATA, { kind: 'data', values: [LIE] }), content(OP.TERMINATE, control)]
}

/** The legal frames, and one for each check that only a valid tag can show to be made. */
const contents = (e: Endpoint): readonly Content[] => {
  const [first] = legal(e)
  return [
    ...legal(e),
    { ...first, padded: false },
    { ...first, body: { kind: 'opaque', hex: 'ff' } },
    { ...first, round: 1 },
    ...(e.round > 0 ? [{ ...first, round: -1 }] : []),
    { ...first, wrong: 'id' },
    { ...first, wrong: 'direction' },
    { ...first, opcode: e.at.side === 'server' ? OP.CHALLENGE : OP.HELLO },
  ]
}

const same = (a: Keys, b: Keys): boolean => a.every((key, i) => key === b[i])

/**
 * The keys worth stealing now. What is stolen earlier and not used can as well be stolen later, as long as the end of
 * the session that is further behind gives it away: so a theft and its first use are one choice. Only ACTIVE sessions:
 * no frame is forged to a client that waits; what its keys open is asked in every state (spec/checker/secrecy.ts).
 */
export const thefts = (symbols: Symbols, ends: readonly Endpoint[]): readonly Keys[] => {
  const active = ends.filter((e) => e.phase === 'ACTIVE' && !symbols.setup.insiders.includes(e.id!))
  const all = active.map((e) => e.keys!)
  const held = all.filter((k, i) => all.findIndex((other) => same(k, other)) === i)
  const gives = (a: Keys, b: Keys): boolean => b.every((key) => knows(symbols, a, key))
  return held.filter((k) => !held.some((other) => other !== k && gives(other, k) && !gives(k, other)))
}

/**
 * Frames under valid tags, where the adversary has the keys by which an endpoint judges: those of an insider, or
 * (`stolen`) those of a thief; `now`: they are stolen for this frame.
 */
type Forgeries = (symbols: Symbols, b: Bounds, e: Endpoint, stolen: Keys | null, now: boolean) => readonly Delivery[]
export const forgeries: Forgeries = (symbols, b, e, stolen, now) => {
  const { insiders, keyring } = symbols.setup
  const [server, id] = [e.at.side === 'server', e.id ?? insiders[0]]
  if (e.phase === 'TERMINATED' || (server ? e.round > b.rounds : e.phase === 'INIT')) return []
  const mine = stolen === null && id !== undefined && insiders.includes(id)
  if (id === undefined || (!mine && (stolen === null || e.id === null))) return []
  const right = receivedBy(e.at.side)
  const keys = e.keys ?? initialKeys(symbols, id)
  const has = pair(keys, right).every((key) => knows(symbols, stolen, key))
  const sealed = ({ opcode, round, wrong, body, padded }: Content, under: Keys): Delivery => {
    const other = keyring.find((k) => k !== id) ?? 255
    const direction = wrong === 'direction' ? 3 - right : right
    const header: Header = { opcode, id: wrong === 'id' ? other : id, round: e.round + round, direction }
    const [enc, mac] = pair(under, right)
    const name = `${endName(e.at)} ${e.exchanges.length}` // fresh as far as its receiver can tell
    const frame = forge(symbols, { name, header, enc, mac, body, padded, owner: id })
    // A forged frame that is refused does what junk does; a forged ending under stolen keys does what a close does.
    const leads = judge(symbols, e, frame)[0]!.kind === 'accepted' && (mine || !isControl(opcode))
    return { ...delivery(frame, e), forged: { power: mine ? 'I' : 'L', round, theft: now ? stolen : null, leads } }
  }
  const all = has ? contents(e).map((c) => sealed(c, keys)) : []
  // beside the right keys, the stolen ones as they were: of an earlier round, or of another session
  return stolen !== null && !same(stolen, keys) ? [...all, sealed(legal(e)[0], stolen)] : all
}
