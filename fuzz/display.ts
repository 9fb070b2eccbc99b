/** What a person, or a program, sees of a search while it runs and when it ends. */
import { styleText } from 'node:util'
import type { Result } from './engine/campaign.ts'
import { printCoverage } from './engine/edges.ts'
import { printReach, reachOf } from './engine/features.ts'
import type { Found, Status } from './engine/messages.ts'
import { targetNamed } from './targets/index.ts'

const PLAIN_EVERY = 10 // seconds between lines where there is no terminal

const n = (x: number): string => x.toLocaleString('en-US')

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`

type Style = 'red' | 'green' | 'dim' | 'bold'

export class Display {
  readonly #target: string
  readonly #json: boolean
  readonly #started = performance.now()
  readonly #timer: NodeJS.Timeout
  readonly #terminal = process.stderr.isTTY === true
  #status: Status | null = null
  #rated = { at: performance.now(), executions: 0 }
  #newAt = performance.now()
  #findings = 0
  #ticks = 0

  constructor(target: string, json: boolean) {
    this.#target = target
    this.#json = json
    this.#timer = setInterval(() => this.#tick(), 1_000)
  }

  status(status: Status): void {
    if (status.features !== this.#status?.features) this.#newAt = performance.now()
    this.#status = status
  }

  found(found: Found): void {
    this.#findings++
    if (this.#json) {
      this.#object({ event: 'finding', ...found })
      return
    }
    this.#clear()
    this.#say(found.lines.map((line, i) => (i === 0 ? paint(line, 'red') : line)).join('\n'))
  }

  end(r: Result): void {
    clearInterval(this.#timer)
    this.#clear()
    // No times: the same seed and number of executions give the same object.
    if (this.#json) {
      this.#object({ event: 'result', ...r, findings: r.findings.map((f) => f.signature) })
      return
    }
    const rate = Math.round((r.executions * 1_000) / (performance.now() - this.#started))
    const count = r.findings.length === 0 ? 'no findings' : `${n(r.findings.length)} findings`
    const fine = r.findings.length === 0 && r.troubles.length === 0
    const verdict = paint(r.troubles.length === 0 ? count : `ended early, ${count}`, fine ? 'green' : 'red')
    this.#say(
      [
        `${paint(r.target, 'bold')}: ${verdict}, ${n(r.executions)} executions (${n(rate)} a second), corpus ${n(r.corpus)}, features ${n(r.features)}`,
        ...printCoverage(r.coverage),
        ...(r.cells === null ? [] : printReach(reachOf(r.cells, targetNamed(r.target)))),
        ...r.troubles.map((t) => paint(`  ${t}`, 'red')),
      ].join('\n'),
    )
  }

  #tick(): void {
    const s = this.#status
    this.#ticks++
    if (s === null) return
    const now = performance.now()
    const elapsed = (now - this.#started) / 1_000
    const rate = Math.round(((s.executions - this.#rated.executions) * 1_000) / (now - this.#rated.at))
    const sinceNew = Math.round((now - this.#newAt) / 1_000)
    const line = `${this.#target.padEnd(8)} ${clock(elapsed)}  ${n(s.executions)} execs  ${n(rate)}/s  corpus ${n(s.corpus)}  features ${n(s.features)}  findings ${this.#findings}  last new ${sinceNew} s ago`
    const due = this.#terminal || this.#ticks % PLAIN_EVERY === 0
    if (this.#json)
      this.#object({
        event: 'status',
        target: this.#target,
        elapsed: Math.round(elapsed),
        ...s,
        rate,
        sinceNew,
        findings: this.#findings,
      })
    else if (this.#terminal) process.stderr.write(`\r\x1b[K${line}`)
    else if (due) process.stderr.write(`${line}\n`)
    if (due || this.#json) this.#rated = { at: now, executions: s.executions }
  }

  #clear(): void {
    if (this.#terminal && !this.#json) process.stderr.write('\r\x1b[K')
  }

  #say(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  #object(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`)
  }
}

/** Colours only where a terminal shows them (https://no-color.org). */
export const paint = (text: string, style: Style): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text
