/** The observation tree of L#: what was answered to which word, and which of its nodes cannot be the same state. */
import type { Word } from './machine.ts'

export class Node {
  readonly word: Word
  readonly next = new Map<string, { readonly output: string; readonly node: Node }>()
  /** Grows with what is known below. */
  version = 0

  constructor(word: Word) {
    this.word = word
  }
}

export class Tree {
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
export const apart = (a: Node, b: Node): Word | null => {
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
