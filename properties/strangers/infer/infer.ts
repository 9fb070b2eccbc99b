/** The dialect that explains every frame of a recording, in the order in which tags can confirm it. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { dialectBlock } from '../../../spec/dialects/file.ts'
import { tagVerifies } from '../../../spec/dialects/sealing.ts'
import { MODES } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import type { Keyring, Reading } from '../../harness/target/keys.ts'
import { plural } from '../../harness/terminal/text.ts'
import { exchangeCodecs } from './answers.ts'
import { type Block, bytesText, faultOf, writeBlock } from './block.ts'
import { type Conversation, conversationOf, refusalsIn, roundsOf, type Session, undisputed } from './conversation.ts'
import { chance, type Solved, type Stuck, solve } from './evolution.ts'
import { whyNoKey } from './foreign.ts'
import { findInitial, findServer, formText, type Hints } from './keysearch.ts'
import { challengeCodec, helloCodec } from './payloads.ts'
import type { Recording } from './recording.ts'
import { foreignIn, writeRules } from './rules.ts'

/** `frames`: how many confirm it, and by what. */
export interface Fact {
  readonly what: string
  readonly says: string
  readonly frames: number
  readonly by: 'bytes' | 'headers' | 'tags' | 'paddings' | 'plaintexts'
}

/** What the recording leaves open: the dialect has `chosen`, and `others` explain every frame as well. */
interface Open {
  readonly what: string
  readonly chosen: string
  readonly others: readonly string[]
  /** The shortest thing to do that would tell. */
  readonly split: string
}

export interface Inference {
  readonly facts: readonly Fact[]
  readonly open: readonly Open[]
  /** What no frame shows and no frame contradicts. */
  readonly unseen: readonly string[]
  /** What is wrong with the recording or the keys; a sentence each. */
  readonly problems: readonly string[]
  /** A dialect file; null: none re-opens every frame. */
  readonly block: Block | null
  readonly frames: number
  readonly reopened: number
  readonly keys: ReadonlyMap<number, Reading>
}

const SPLITS = {
  C2S: 'another session, and submissions that are longer, shorter and negative',
  S2C: 'an answer with another status, and others that are longer and shorter',
} as const
const UNSHOWN = 'anything: no later frame shows them'

/** One search; facts come in as they are confirmed. */
class Search {
  readonly facts: Fact[] = []
  readonly open: Open[] = []
  readonly unseen: string[] = []
  readonly problems: string[] = []
  block: Block | null = null
  reopened = 0
  keys: ReadonlyMap<number, Reading> = new Map()
  readonly r: Recording
  readonly c: Conversation
  readonly keyring: Keyring
  readonly hints: Hints

  constructor(r: Recording, keyring: Keyring, hints: Hints) {
    this.r = r
    this.c = conversationOf(r.frames)
    this.keyring = keyring
    this.hints = hints
  }

  fact(what: string, says: string, frames: number, by: Fact['by']): void {
    this.facts.push({ what, says, frames, by })
  }

  /** As far as the recording goes. */
  run(): void {
    const { r, c } = this
    this.problems.push(...r.notes, ...c.left)
    this.#outside()
    if (c.sessions.length === 0) {
      this.problems.push('no connection begins with a HELLO: keys can be followed from the first frame only')
      return
    }
    const initial = findInitial(c, this.keyring, this.hints.labels, this.hints.quick === true)
    if (initial === null) {
      this.problems.push(whyNoKey(c, this.keyring, this.hints))
      return
    }
    this.keys = initial.masters
    for (const id of initial.without)
      this.problems.push(
        `client ${id}: ${this.keyring.readings(id).length === 0 ? 'no key of it is given' : 'no key that is given verifies its HELLO'}; its frames are not read`,
      )
    const sessions = c.sessions
      .filter((s) => initial.masters.has(s.id))
      .map((s) => this.#withoutZeroKey(s, initial.dialect))
    const masterOf = (s: Session): Uint8Array => initial.masters.get(s.id)!.bytes
    const d = initial.dialect
    this.fact(
      'key of a client',
      [...new Set([...initial.masters.values()].map((m) => m.says))].join(', '),
      sessions.length,
      'tags',
    )
    this.fact('first keys', `${formText(d.hash, d.initialForm)}, input the label`, sessions.length, 'tags')
    this.fact('label of C2S-MAC', d.labels[1], sessions.length, 'tags')
    this.fact('MAC', `HMAC-SHA256, key of ${d.macKeyBytes} bytes, over ${d.macScope}`, sessions.length, 'tags')
    this.problems.push(...refusalsIn(sessions))
    const answered = sessions.filter((s) => s.s2c.length > 0)
    const server = findServer(d, answered, masterOf, this.hints.labels, this.hints.quick === true)
    if (server === null) {
      this.problems.push(
        answered.length === 0
          ? 'no CHALLENGE is in the recording: nothing is known of the server, and of keys after the HELLO'
          : 'no S2C-MAC key that was tried verifies the CHALLENGE: another label (--labels), or a step between HELLO and CHALLENGE',
      )
      return
    }
    this.fact('label of S2C-MAC', server.labels[3], answered.length, 'tags')
    this.fact('session binding', server.binding, answered.length, 'tags')
    this.#evolve(server, sessions, masterOf)
  }

  /** What needs no key. */
  #outside(): void {
    const { r, c } = this
    const { c2s, s2c } = c.directions
    if (r.framingSeen)
      this.fact('framing', `${r.framingSays}; ${r.lengths[0]}..${r.lengths[1]} bytes`, r.frames.length, 'bytes')
    else this.unseen.push(`framing: ${r.framingSays}`)
    if (r.framing === 'recv') this.unseen.push('recv23 would look the same: how a receiver reads is not on the wire')
    for (const d of ['c2s', 's2c'] as const)
      if (r.banners[d].length > 0)
        this.fact(
          `before the first frame, ${d}`,
          bytesText(r.banners[d]),
          new Set(r.frames.map((f) => f.conn)).size,
          'bytes',
        )
    this.fact(
      'directions',
      `${c2s} client to server, ${s2c} server to client`,
      c.sessions.flatMap((s) => s.frames).length,
      'headers',
    )
    const numbers = Object.entries(c.numbers)
    if (numbers.length > 0)
      this.fact('opcodes', numbers.map(([w, n]) => `${w} ${n}`).join(', '), r.frames.length, 'headers')
  }

  /** DIALECTS C: an error whose tag is under the all-zero key; HMAC has one such key for all lengths. */
  #withoutZeroKey(s: Session, d: Dialect): Session {
    const zero = s.s2c.filter((f) => f.opcode > OP.RESPONSE && tagVerifies(d, new Uint8Array(d.macKeyBytes), f.bytes))
    if (zero.length === 0) return s
    this.zeroKey += zero.length
    return { ...s, s2c: s.s2c.filter((f) => !zero.includes(f)), frames: s.frames.filter((f) => !zero.includes(f)) }
  }
  zeroKey = 0

  /** Sealed ones; what is in clear needs no opening. */
  get frames(): number {
    return this.r.frames.length - this.c.clear
  }

  #evolve(d: Dialect, keyed: readonly Session[], masterOf: (s: Session) => Uint8Array): void {
    const met = keyed.filter((s) => s.s2c[0]?.opcode === OP.CHALLENGE)
    const complained = met.some((s) => s.s2c.some((f) => f.opcode > OP.RESPONSE))
    let sessions = complained ? met.map(undisputed) : met
    let [c2s, s2c] = this.#solve(d, sessions, masterOf)
    // A frame that nothing opens spoils all: the others say what it should have been.
    const rest = [met.map(undisputed), ...met.map((_, k) => met.filter((_, n) => n !== k))]
    for (const some of met.length > 1 ? rest : rest.slice(0, 1)) {
      if (!('why' in c2s || 'why' in s2c)) break
      const [c, s] = this.#solve(d, some, masterOf, true)
      if (!('why' in c || 'why' in s)) [sessions, c2s, s2c] = [some, c, s]
    }
    for (const one of [c2s, s2c]) if ('why' in one) this.problems.push(one.why)
    if (!('why' in c2s)) this.#settled('C2S', c2s)
    if (!('why' in s2c)) this.#settled('S2C', s2c)
    if ('why' in c2s || 'why' in s2c) return
    this.#write(s2c.dialect, sessions, keyed, c2s, s2c)
  }

  /** Both directions; how keys evolve is one thing for both, so that the second begins with what the first confirmed. */
  #solve(
    d: Dialect,
    sessions: readonly Session[],
    masterOf: (s: Session) => Uint8Array,
    quick = this.hints.quick === true,
  ): [c2s: Solved | Stuck, s2c: Solved | Stuck] {
    const all = [16, 32, 24, 20, ...Array.from({ length: 17 }, (_, i) => i + 16)]
    const search = { sessions, masterOf, given: this.hints.labels, quick }
    const c2s = solve(d, { ...search, direction: 'c2s', lengths: [...new Set(all)] })
    const from = 'why' in c2s ? d : c2s.dialect
    const settled = !('why' in c2s) && (c2s.effects.first != null || c2s.effects.next != null)
    const lengths = settled ? [from.encKeyBytes] : [...new Set(all)]
    return [c2s, solve(from, { ...search, direction: 's2c', lengths })]
  }

  #settled(name: 'C2S' | 'S2C', one: Solved): void {
    const label = one.dialect.labels[name === 'C2S' ? 0 : 2]
    this.fact(`label of ${name}-ENC`, label, one.paddings, 'paddings')
    if (one.rivals > 0 || (one.tried > 1 && chance(one) > 1e-3))
      this.open.push({
        what: `${name}-ENC`,
        chosen: label,
        others: [`${plural(Math.max(1, one.rivals), 'other key')} whose paddings hold by chance`],
        split: 'a second client and two more rounds',
      })
  }

  #write(d: Dialect, sessions: readonly Session[], keyed: readonly Session[], c2s: Solved, s2c: Solved): void {
    const of = (one: Solved, opcode: number) => one.opened.filter((o) => o.opcode === opcode)
    const hello = helloCodec(of(c2s, OP.HELLO))
    const challenge = challengeCodec(of(s2c, OP.CHALLENGE))
    const { data, response, agree } = exchangeCodecs(
      of(c2s, OP.DATA),
      of(s2c, OP.RESPONSE),
      this.hints.values,
      sessions.map((s) => ({ conn: s.conn, from: s.frames[0]!.n, to: s.frames.at(-1)!.n })),
    )
    const kinds = {
      hello: { opcode: OP.HELLO, word: 'HELLO', codec: hello.text },
      challenge: { opcode: OP.CHALLENGE, word: 'CHALLENGE', codec: challenge.text },
      data: { opcode: OP.DATA, word: 'DATA', codec: data.text },
      response: { opcode: OP.RESPONSE, word: 'RESPONSE', codec: response.text },
    }
    const rules = {
      c2s: writeRules(c2s, kinds.hello, kinds.data, ['ct', 'iv']),
      s2c: writeRules(s2c, kinds.challenge, kinds.response, ['pt', 'op']),
    }
    const foreign = [...foreignIn(c2s), ...foreignIn(s2c)]
    const rounds = roundsOf(sessions)
    for (const [name, r, one] of [
      ['C2S', rules.c2s, c2s],
      ['S2C', rules.s2c, s2c],
    ] as const) {
      const links = one.opened.length - sessions.length
      const says = r.ops.length === 0 ? 'never' : `after ${r.ops.join(', ')}: enc ${r.enc}, mac ${r.mac}`
      this.fact(`${name} keys evolve`, says, links, 'tags')
      for (const { what, others } of r.alike)
        this.open.push({ what: `${name} ${what}`, chosen: what.replace(/^.*, /, ''), others, split: SPLITS[name] })
      for (const word of r.unshown)
        this.open.push({
          what: `${name} keys after ${word}`,
          chosen: 'as they were',
          others: [UNSHOWN],
          split: 'one more round',
        })
    }
    const evolving = rules.c2s.ops.length + rules.s2c.ops.length > 0
    if (evolving)
      this.fact(
        'later keys',
        `${formText(d.hash, d.evolveForm)}; ${d.encKeyBytes} bytes of ENC are kept`,
        c2s.opened.length + s2c.opened.length - 2 * sessions.length,
        'tags',
      )
    if (rounds.kind === 'bad') this.problems.push(rounds.why)
    else this.fact('rounds', `from ${rounds.start}, +1 after ${rounds.says}`, rounds.frames, 'headers')
    for (const [word, c, n] of [
      ['HELLO', hello, 0],
      ['CHALLENGE', challenge, 0],
      ['DATA', data, 0],
      ['RESPONSE', response, agree],
    ] as const) {
      this.fact(`${word} holds`, `${c.text}${n > 0 ? ', as the values sent add up' : ''}`, c.frames, 'plaintexts')
      if (c.alike.length > 0)
        this.open.push({ what: `${word} holds`, chosen: c.text, others: c.alike.slice(0, 6), split: c.split })
    }
    if (foreign.length > 0)
      this.problems.push(`keys absorb ${[...new Set(foreign)].join(' and ')}, which no dialect file can say`)
    if (foreign.length > 0 || rounds.kind === 'bad') return
    const { block, unseen } = writeBlock({
      recording: this.r,
      conversation: this.c,
      dialect: d,
      rules,
      rounds,
      codecs: { hello: hello.text, challenge: challenge.text, data: data.text, response: response.text },
      sessions,
      goodbye: of(c2s, OP.TERMINATE)[0]?.plaintext ?? null,
      zeroKey: this.zeroKey,
    })
    this.unseen.push(...unseen)
    if (this.zeroKey > 0) this.fact('reaction to a bad frame', 'zero-key', this.zeroKey, 'tags')
    this.#confirm(block, keyed)
  }

  /** Nothing is printed that does not open every frame, as a file that has been read back. */
  #confirm(block: Block, sessions: readonly Session[]): void {
    const masters = new Map([...this.keys].map(([id, k]) => [id, k.bytes]))
    const fault = (b: Block): string | null => faultOf(b, sessions, masters)
    const { framing, banners } = this.r
    const plain = framing === 'u32be' && banners.c2s.length + banners.s2c.length === 0
    const own = plain ? MODES.map(dialectBlock).find((b) => fault(b) === null) : undefined
    const together = { ...block, all_four_keys_evolve_together_after_the_s2c_frame: true }
    const best = own ?? [block, together].find((b) => fault(b) === null)
    if (best === undefined) {
      this.problems.push(`no dialect: ${fault(block)}`)
      return
    }
    if (best === own) this.open.splice(0, this.open.length, ...this.open.filter((o) => o.others[0] === UNSHOWN))
    else if (best === block && fault(together) === null)
      this.unseen.push(
        'no client sent twice before an answer: whether its keys move with its frame or with the answer is not shown',
      )
    this.reopened = sessions.flatMap((s) => s.frames).length + this.zeroKey
    const left = this.frames - this.reopened
    if (left === 0) this.block = best
    else
      this.problems.push(`no dialect: it has to re-open every frame, and ${plural(left, 'frame')} had to be left out`)
  }
}

/** Deterministic; takes a second or two where much must be tried. */
export const infer = (r: Recording, keyring: Keyring, hints: Hints): Inference => {
  const search = new Search(r, keyring, hints)
  search.run()
  const { facts, open, unseen, problems, block, frames, reopened, keys } = search
  return { facts, open, unseen, problems, block, frames, reopened, keys }
}
