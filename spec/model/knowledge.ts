/** What the adversary can derive from the network and from the keys it owns. */
import type { Term } from '../terms.ts'
import type { Context, Frame, Keys } from './context.ts'

/** One state of knowledge: insiders' master keys, at most one leaked quadruple, every frame on the network. */
export class Knowledge {
  readonly #c: Context
  readonly leaked: Keys | null
  readonly #network: readonly Frame[]

  constructor(c: Context, leaked: Keys | null, network: readonly Frame[]) {
    this.#c = c
    this.leaked = leaked
    this.#network = network
  }

  /** Whether a key is known, or follows from known ones by the public formulas of PROTOCOL §4. */
  knows(key: Term): boolean {
    if (this.leaked?.terms.includes(key)) return true
    const { kind, parts } = this.#c.terms.node(key)
    switch (kind) {
      case 'initial':
        return this.#c.setup.insiders.includes(this.#c.terms.node(parts[0] as Term).parts[0] as number)
      case 'hello':
      case 'bind':
        return this.knows(parts[0] as Term) // the frames they absorb crossed the network
      case 'evolve':
        return this.knows(parts[0] as Term) && this.#knowsInput(parts[1] as Term | string)
      default:
        return false
    }
  }

  /** Whether a plaintext can be read: some frame that carries it is encrypted under a known key. */
  reads(plain: Term): boolean {
    return this.#network.some((f) => f.plain === plain && this.knows(f.enc))
  }

  /** IVs and ciphertexts are public, the status is a constant (§4); what remains is a plaintext. */
  #knowsInput(input: Term | string): boolean {
    return typeof input === 'string' || this.#c.terms.node(input).kind !== 'plain' || this.reads(input)
  }
}
