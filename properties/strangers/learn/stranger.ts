/** Learning a server over TCP: what it is like first, then its machine. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { patienceFor } from '../../harness/target/peer.ts'
import type { Target } from '../../harness/target/target.ts'
import { stream } from '../../harness/world/rng.ts'
import { Ended, type Nondeterminism } from './asking.ts'
import { wordText } from './card.ts'
import { TcpDoor } from './doors.ts'
import { NOT_ASKED } from './lsharp.ts'
import { outputsOf, type Word } from './machine.ts'
import { CLOSES, GONE, SILENCE, say } from './say.ts'
import { type Learned, NotLearned, type Plan, study } from './study.ts'
import { checkLimits, type Limits } from './within.ts'

const FIRST_PATIENCE_MS = 3_000
const LATE_CLOSE_MS = 2_500
const LEAST_PATIENCE_MS = 60
const HONEST = ['hello', 'data', 'data']
const BAD = ['hello', 'data-bad-tag']

export class Stranger {
  readonly #target: Target
  readonly #dialect: Dialect
  readonly #keyring: ReadonlyMap<number, Uint8Array>
  readonly #seed: number
  readonly #door: TcpDoor
  /** Words over which its process ended. */
  readonly died: Word[] = []
  /** It answers a round only when others have submitted too. */
  waits = false
  #words = 0
  /** What was answered to the honest conversation. */
  #met: readonly string[] = []
  #last: Word = []

  constructor(target: Target, dialect: Dialect, keyring: ReadonlyMap<number, Uint8Array>, seed: number) {
    this.#target = target
    this.#dialect = dialect
    this.#keyring = keyring
    this.#seed = seed
    this.#door = new TcpDoor(target, FIRST_PATIENCE_MS)
  }

  /** Throws NotLearned, and a UsageError where a program does not start. */
  async meet(): Promise<void> {
    const { waits } = this.#dialect
    const lateMs = waits.kind === 'sleep' || waits.kind === 'window' ? 1_000 * waits.seconds : 0
    this.#door.patienceMs += lateMs
    await this.#target.start()
    this.#met = await this.#say(HONEST, 0)
    const [challenge, response] = this.#met
    if (challenge === GONE) throw new NotLearned('no connection can be made')
    if (challenge !== '20')
      throw new NotLearned(
        `an honest HELLO is answered with ${challenge}: other keys, another dialect, or not this protocol`,
      )
    this.waits = response === SILENCE
    if (response !== '40' && !this.waits) throw new NotLearned(`an honest DATA is answered with ${response}`)
    this.#door.patienceMs = LATE_CLOSE_MS + lateMs
    this.#door.slowestMs = 0 // the first conversation of a process is slower than all others
    await this.#say(HONEST.slice(0, this.waits ? 1 : HONEST.length), 0)
    await this.#say(BAD, 0)
    this.#door.patienceMs = patienceFor(this.#door.slowestMs, LEAST_PATIENCE_MS, lateMs > 0)
  }

  async learn(plan: Plan, limits: Limits): Promise<Learned> {
    const usual = this.#door.patienceMs
    const learned = await study(
      plan,
      async (word, client, patient, words) => {
        checkLimits(limits)
        limits.progress?.(words)
        this.#door.patienceMs = patient ? 4 * usual : usual
        return this.#outlived(word, client)
      },
      this.#keyring.size,
    )
    const odd = this.#oddity(plan, learned)
    return odd === null ? learned : { ...learned, unsteady: [odd, ...learned.unsteady] }
  }

  /** How the honest conversation of the machine is another than the one before it was learned. */
  #oddity({ alphabet, connections }: Plan, { machine, unsteady }: Learned): Nondeterminism | null {
    const word = connections === 1 ? HONEST : HONEST.map((act) => `a.${act}`)
    if (unsteady.length > 0 || !word.every((s) => alphabet.includes(s))) return null
    const outputs = outputsOf(machine, word)
    const at = outputs.findIndex((o, i) => o !== this.#met[i])
    if (at < 0 || outputs[at] === NOT_ASKED) return null
    return { word: word.slice(0, at + 1), answers: [this.#met[at]!, outputs[at]!], survives: true }
  }

  /** Says it, and again to a new process where the one before has ended, over this word or the last. Throws Ended. */
  async #outlived(word: Word, client: number): Promise<readonly string[]> {
    const outputs = await this.#say(word, client)
    // A process that ends may still accept connections, only to close them.
    const refused = outputs[0] === GONE || (outputs[0] === CLOSES && /(^|\.)hello$/.test(word[0]!))
    if (refused) await this.#target.settled()
    if (outputs[0] !== GONE && this.#target.exit === null) {
      this.#last = word
      return outputs
    }
    if (!this.#target.restartable) throw new Ended(`the server is gone, since ${wordText(refused ? this.#last : word)}`)
    await this.#target.start()
    this.#dies(refused ? this.#last : word)
    return refused ? this.#say(word, client) : outputs
  }

  #dies(word: Word): void {
    if (!this.died.some((w) => w.join() === word.join())) this.died.push(word)
  }

  async #say(word: Word, client: number): Promise<readonly string[]> {
    const id = [...this.#keyring.keys()][client % this.#keyring.size]!
    const start = new Followers(this.#dialect).start(id, this.#keyring.get(id)!)
    const random = stream(this.#seed, `word ${this.#words++}`)
    return say(word, this.#door.visit(), { id, start, random })
  }
}
