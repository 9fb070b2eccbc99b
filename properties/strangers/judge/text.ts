/** What a judge says to a person. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import type { Screen } from '../../harness/terminal/command.ts'
import { type Paint, plural, printable, table, wrap } from '../../harness/terminal/text.ts'
import { groupsBy } from '../groups.ts'
import type { Trouble } from './judge.ts'
import { WITHOUT_KEYS } from './keyless.ts'
import { hidden, PARTLY } from './observable.ts'
import { MOST_SEEN } from './seen.ts'
import type { Read, Tally } from './source.ts'
import type { Finding, Named } from './telling.ts'

const place = (f: Named): string => `frame ${f.n} (packet ${f.packet}, connection ${f.conn}): ${f.what}`

const findingText = (f: Finding, paint: Paint): string =>
  [paint(`✗ ${f.invariant}: ${printable(f.why)}`, 'red'), ...f.frames.map((x) => `    ${place(x)}`)].join('\n')

const troubleText = (t: Trouble, paint: Paint): string => {
  const where = t.ends === '' ? `connection ${t.conn}` : `connection ${t.conn} (${t.ends})`
  const from = t.frame === null ? `packet ${t.packet}` : place(t.frame).replace(`, connection ${t.conn}`, '')
  return paint(`? not followed: ${where}, from ${from}: ${printable(t.why)}`, 'yellow')
}

/** Which invariants were judged and how often each was put to the test; why the others were not. */
const judgedText = (hits: ReadonlyMap<string, number>, foreign: Dialect | null, columns?: number): string => {
  const rows = INVARIANTS.filter((i) => hits.has(i.id)).map((i) => {
    const n = hits.get(i.id)!
    return [i.id, n === 0 ? 'never put to the test' : String(n), PARTLY[i.id] ?? '']
  })
  const why = groupsBy(INVARIANTS, (i) => hidden(i, foreign))
  const left = [...why].flatMap(([reason, all]) =>
    reason === null ? [] : [wrap(`not observable: ${all.map((i) => i.id).join(' ')}: ${reason}`, columns, 2)],
  )
  return [
    table([{ head: 'judged' }, { head: 'witnesses', right: true }, { head: 'as far as seen' }], rows),
    ...left,
  ].join('\n')
}

const keylessText = (hits: ReadonlyMap<string, number>): string => {
  const rows = Object.entries(WITHOUT_KEYS).map(([id, says]) => [id, String(hits.get(id) ?? 0), says])
  return table([{ head: 'judged' }, { head: 'times', right: true }, { head: 'without keys' }], rows)
}

const EXIT = { nothing: 0, violated: 1, lost: 3 } as const
const MOST_OF_A_KIND = 20 // findings of one invariant, and places that are not followed, that are shown

/** Says what is found as it is found, and at the end what it comes to. */
export class Report {
  #findings = 0
  #troubles = 0
  readonly #screen: Screen
  readonly #shown = new Map<string, number>()

  constructor(screen: Screen) {
    this.#screen = screen
  }

  readonly found = (f: Finding): void => {
    this.#findings++
    this.#say(f.invariant, findingText(f, this.#screen.paint))
  }

  readonly trouble = (t: Trouble): void => {
    this.#troubles++
    this.#say('places that are not followed', troubleText(t, this.#screen.paint))
  }

  #say(kind: string, text: string): void {
    const n = (this.#shown.get(kind) ?? 0) + 1
    this.#shown.set(kind, n)
    if (n <= MOST_OF_A_KIND) this.#screen.say(text)
    if (n === MOST_OF_A_KIND) this.#screen.say(`  (more of ${kind} are counted only)`)
  }

  /** The last words, and the exit code. `dialect`: null where PROTOCOL is spoken. */
  conclude(dialect: Dialect | null, keys: boolean, read: Read, t: Tally): number {
    const { say, paint, columns } = this.#screen
    for (const note of read.notes) say(paint(note, 'yellow'))
    say(keys ? judgedText(new Map(t.hits), dialect, columns) : keylessText(new Map(t.hits)))
    if (t.forgotten > 0)
      say(
        `a replay of the first ${plural(t.forgotten, 'frame')} would not be seen as one: the newest ${MOST_SEEN.toLocaleString('en')} are remembered`,
      )
    const none = t.frames === 0 || (keys && t.followed === 0)
    const unread = read.notes.length > 0 // what it held nobody knows
    const exit = this.#findings > 0 ? EXIT.violated : this.#troubles > 0 || none || unread ? EXIT.lost : EXIT.nothing
    const color = { [EXIT.nothing]: 'green', [EXIT.violated]: 'red', [EXIT.lost]: 'yellow' } as const
    const broken = this.#findings === 0 ? 'nothing is violated' : plural(this.#findings, 'violation')
    const verdict = none && this.#findings === 0 ? 'no session was followed' : broken
    const lost = this.#troubles === 0 ? '' : `, ${plural(this.#troubles, 'place')} from which on nothing is known`
    const sessions = keys ? `, ${plural(t.followed, 'session')} followed` : ', without keys'
    const again = t.copies === 0 ? '' : `, ${t.copies.toLocaleString('en')} of the frames had passed before`
    const seen = `${plural(t.frames, 'frame')} on ${plural(read.connections, 'connection')}`
    const part = unread ? ', not all of the recording was read' : ''
    say(paint(`${verdict}${lost}${part}: ${seen}${sessions}${again}`, color[exit]))
    return exit
  }
}
