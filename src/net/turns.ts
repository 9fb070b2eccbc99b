/**
 * Short turns of the event loop. Node accepts one connection in each of them, and before that works on whatever every
 * other socket has received: if hundreds of clients submit at once, newcomers would stand in line for as many turns.
 */

/**
 * How many received bytes are worked on in a turn, for all peers together, and so for one peer before the others have
 * their turn: a peer that holds a key can send valid frames without pause. About ten frames, each some 100 µs.
 */
export const SLICE = 1024

/** Shared by the channels of a server. */
export class Turns {
  readonly #waiting: { readonly bytes: number; readonly work: () => void }[] = []
  readonly #ending: (() => void)[] = [] // what is left to do at the end of this turn
  #used = 0 // bytes in this turn
  #counting = false

  /** Whether so many bytes may be worked on in this turn; false as well while anybody waits. */
  admit(bytes: number): boolean {
    if (this.#waiting.length > 0 || this.#used >= SLICE) return false
    this.#used += bytes
    this.#count()
    return true
  }

  /** Works on them in a later turn, in the order of the calls. */
  defer(bytes: number, work: () => void): void {
    this.#waiting.push({ bytes, work })
    this.#count()
  }

  /**
   * Does that when this turn's work is done. Answers go out then: a write that wakes its reader costs some 10 µs more
   * than one that finds it awake, and one after the other they wake it once.
   */
  atEnd(work: () => void): void {
    this.#ending.push(work)
    this.#count()
  }

  #count(): void {
    if (this.#counting) return
    this.#counting = true
    setImmediate(() => this.#next())
  }

  #next(): void {
    this.#counting = false
    this.#used = 0
    this.#end()
    while (this.#used < SLICE && this.#waiting.length > 0) {
      const { bytes, work } = this.#waiting.shift()!
      this.#used += bytes
      work()
    }
    this.#end()
    if (this.#used > 0) this.#count()
  }

  #end(): void {
    for (const work of this.#ending.splice(0)) work()
  }
}
