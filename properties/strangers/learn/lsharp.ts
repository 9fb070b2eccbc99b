/**
 * L#: active learning of Mealy machines from an observation tree and apartness (Vaandrager, Garhewal, Rot, Wißmann:
 * "A New Approach for Active Automata Learning Based on Apartness", TACAS 2022).
 */
import { edge, type Machine, stateAfter, type Word } from './machine.ts'

class Node {
  readonly word: Word
  readonly next = new Map<string, { readonly output: string; readonly node: Node }>()
  /** Grows with what is known below. */
  version = 0

  constructor(word: Word) {
    this.word = word
  }
}

class Tree {
  readonly root = new Node([])

  /** Throws where an output differs from what is known: whoever answers has to see to that. */
  insert(word: Word, outputs: readonly string[]): void {
    let at = this.root
    for (const [i, symbol] of word.entries()) {
      at.version++
      const output = outputs[i]!
      const known = at.next.get(symbol)
      if (known !== undefined && known.output !== output)
        throw new Error(`${word.slice(0, i + 1).join(' ')}: expected ${known.output}, got ${output}`)
      const node = known?.node ?? new Node(word.slice(0, i + 1))
      if (known === undefined) at.next.set(symbol, { output, node })
      at = node
    }
  }

  /** Null: nobody has asked that far. */
  at(word: Word): Node | null {
    let at: Node | undefined = this.root
    for (const symbol of word) at = at?.next.get(symbol)?.node
    return at ?? null
  }
}

/** A shortest word to which the two are known to answer differently; null: none is known. */
const apart = (a: Node, b: Node): Word | null => {
  const pairs: { readonly a: Node; readonly b: Node; readonly word: Word }[] = [{ a, b, word: [] }]
  for (const p of pairs) {
    const [few, many] = p.a.next.size <= p.b.next.size ? [p.a, p.b] : [p.b, p.a]
    for (const [symbol, one] of few.next) {
      const other = many.next.get(symbol)
      if (other === undefined) continue
      const word = [...p.word, symbol]
      if (one.output !== other.output) return word
      pairs.push({ a: one.node, b: other.node, word })
    }
  }
  return null
}

/** Answers words, each from the start. Ends the learning by throwing. */
export interface Teacher {
  ask(word: Word): Promise<readonly string[]>
}

/** A hypothesis. `open`: edges, as words, of which it is not known where they lead. */
export interface Hypothesis {
  readonly machine: Machine
  readonly open: readonly Word[]
}

export const NOT_ASKED = 'not asked'

export class Learner {
  readonly #alphabet: readonly string[]
  readonly #teacher: Teacher
  readonly #tree = new Tree()
  readonly #basis: Node[] = [this.#tree.root]
  /** Of a node of the frontier: the basis states that it may be, and up to which versions that was looked at. */
  readonly #candidates = new Map<Node, Map<Node, string>>()

  constructor(alphabet: readonly string[], teacher: Teacher) {
    this.#alphabet = alphabet
    this.#teacher = teacher
  }

  async ask(word: Word): Promise<readonly string[]> {
    const outputs = await this.#teacher.ask(word)
    this.#tree.insert(word, outputs)
    return outputs
  }

  /** Learns until `differs` finds no word to which the stranger answers otherwise than the hypothesis. */
  async learn(differs: (h: Machine) => Promise<Word | null>): Promise<Machine> {
    for (;;) {
      await this.#complete()
      const { machine } = this.hypothesis()
      const word = this.#inconsistency(machine) ?? (await differs(machine))
      if (word === null) return machine
      await this.#process(machine, this.#shortest(machine, word))
    }
  }

  /** What there is, at any time. */
  hypothesis(): Hypothesis {
    const open: Word[] = []
    const states = this.#basis.map((q) => {
      const next = Object.fromEntries(
        this.#alphabet.map((symbol) => {
          const known = q.next.get(symbol)
          const may = known === undefined ? [] : this.#mayBe(known.node)
          if (may.length !== 1) open.push([...q.word, symbol])
          return [symbol, { output: known?.output ?? NOT_ASKED, to: this.#basis.indexOf(may[0] ?? this.#basis[0]!) }]
        }),
      )
      return { access: [...q.word], next }
    })
    return { machine: { alphabet: [...this.#alphabet], states }, open }
  }

  /** The basis states that a node is not known to be apart from. */
  #mayBe(node: Node): readonly Node[] {
    if (this.#basis.includes(node)) return [node]
    const before = this.#candidates.get(node) ?? new Map<Node, string>()
    const now = new Map<Node, string>()
    for (const q of this.#basis) {
      const seen = before.get(q)
      if (seen === 'apart') {
        now.set(q, seen)
        continue
      }
      const versions = `${node.version} ${q.version}`
      now.set(q, seen === versions || apart(node, q) === null ? versions : 'apart')
    }
    this.#candidates.set(node, now)
    return this.#basis.filter((q) => now.get(q) !== 'apart')
  }

  /** Every state with an edge for each symbol, and every edge leading to one state of the basis. */
  async #complete(): Promise<void> {
    for (;;) {
      for (const q of this.#basis)
        for (const symbol of this.#alphabet) if (!q.next.has(symbol)) await this.ask([...q.word, symbol])
      const unsettled = this.#frontier().find((node) => this.#mayBe(node).length !== 1)
      if (unsettled === undefined) return
      const [one, other] = this.#mayBe(unsettled)
      if (one === undefined) this.#basis.push(unsettled)
      else await this.ask([...unsettled.word, ...apart(one, other!)!])
    }
  }

  #frontier(): readonly Node[] {
    const basis = new Set(this.#basis)
    return this.#basis.flatMap((q) =>
      this.#alphabet.flatMap((s) => {
        const child = q.next.get(s)?.node
        return child === undefined || basis.has(child) ? [] : [child]
      }),
    )
  }

  /** A word of the tree at whose end the tree contradicts the hypothesis; null: none. */
  #inconsistency(h: Machine): Word | null {
    const all: { readonly node: Node; readonly state: number }[] = [{ node: this.#tree.root, state: 0 }]
    for (const { node, state } of all) {
      if (apart(node, this.#basis[state]!) !== null) return node.word
      for (const [symbol, { node: child }] of node.next) all.push({ node: child, state: edge(h, state, symbol).to })
    }
    return null
  }

  /** The shortest prefix at whose end the tree is apart from the state of the hypothesis. */
  #shortest(h: Machine, word: Word): Word {
    for (let n = 0; n <= word.length; n++) {
      const prefix = word.slice(0, n)
      const node = this.#tree.at(prefix)
      if (node !== null && apart(node, this.#basis[stateAfter(h, prefix)]!) !== null) return prefix
    }
    throw new Error(`${word.join(' ')}: expected a word that contradicts the hypothesis`)
  }

  /** Shortens a contradiction until it is one of the frontier (ProcCounterEx). */
  async #process(h: Machine, word: Word): Promise<void> {
    const known = new Set<Node>([...this.#basis, ...this.#frontier()])
    const node = this.#tree.at(word)!
    if (known.has(node)) return
    const inside = word.findLastIndex((_, i) => known.has(this.#tree.at(word.slice(0, i + 1))!)) + 1
    const half = Math.floor((inside + word.length) / 2)
    const [head, tail] = [word.slice(0, half), word.slice(half)]
    const q = this.#basis[stateAfter(h, word)]!
    const start = this.#basis[stateAfter(h, head)]!
    const shorter = [...start.word, ...tail]
    await this.ask([...shorter, ...apart(q, node)!])
    if (apart(start, this.#tree.at(head)!) !== null) return this.#process(h, head)
    return this.#process(h, shorter)
  }
}
