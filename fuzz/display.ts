/** What a person, or a program, sees of a search while it runs and when it ends. */
import type { Screen } from '../properties/harness/terminal/command.ts'
import { clock, n, plural } from '../properties/harness/terminal/text.ts'
import type { Result } from './engine/campaign.ts'
import { printCoverage } from './engine/edges.ts'
import { printReach, reachOf } from './engine/features.ts'
import type { Found, Status } from './engine/messages.ts'
import { targetNamed } from './targets/index.ts'

export class Display {
  readonly #target: string
  readonly #json: boolean
  readonly #started = performance.now()
  readonly #timer: NodeJS.Timeout
  readonly #screen: Screen
  readonly #line: ReturnType<Screen['progress']>
  #status: Status | null = null
  #rated = { at: performance.now(), executions: 0 }
  #newAt = performance.now()
  #findings = 0

  constructor(target: string, json: boolean, screen: Screen) {
    this.#target = target
    this.#json = json
    this.#screen = screen
    this.#line = screen.progress()
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
    this.#line.clear()
    this.#screen.say(found.lines.map((line, i) => (i === 0 ? this.#screen.paint(line, 'red') : line)).join('\n'))
  }

  end(r: Result): void {
    clearInterval(this.#timer)
    // No times: the same seed and number of executions give the same object.
    if (this.#json) {
      this.#object({ event: 'result', ...r, findings: r.findings.map((f) => f.signature) })
      return
    }
    this.#line.clear()
    const { say, paint } = this.#screen
    const rate = Math.round((r.executions * 1_000) / (performance.now() - this.#started))
    const count = r.findings.length === 0 ? 'no findings' : plural(r.findings.length, 'finding')
    const fine = r.findings.length === 0 && r.troubles.length === 0
    const verdict = paint(r.troubles.length === 0 ? count : `ended early, ${count}`, fine ? 'green' : 'red')
    say(
      [
        `${paint(r.target, 'bold')}: ${verdict}, ${n(r.executions)} executions (${n(rate)} a second), corpus ${n(r.corpus)}, features ${n(r.features)}`,
        ...printCoverage(r.coverage),
        ...(r.cells === null ? [] : printReach(reachOf(r.cells, targetNamed(r.target)))),
        ...r.troubles.map((t) => paint(`  ${t}`, 'red')),
      ].join('\n'),
    )
  }

  #tick(): void {
    const status = this.#status
    if (status === null) return
    if (!this.#json) {
      this.#line.show(() => this.#text(status))
      return
    }
    const { elapsed, ...rates } = this.#rates(status)
    const figures = { elapsed: Math.round(elapsed), ...status, ...rates, findings: this.#findings }
    this.#object({ event: 'status', target: this.#target, ...figures })
  }

  #text(status: Status): string {
    const { elapsed, rate, sinceNew } = this.#rates(status)
    return `${this.#target.padEnd(8)} ${clock(elapsed)}  ${n(status.executions)} execs  ${n(rate)}/s  corpus ${n(status.corpus)}  features ${n(status.features)}  findings ${this.#findings}  last new ${sinceNew} s ago`
  }

  /** Seconds; the rate is that since the figures were last shown. */
  #rates({ executions }: Status): { readonly elapsed: number; readonly rate: number; readonly sinceNew: number } {
    const now = performance.now()
    const rate = Math.round(((executions - this.#rated.executions) * 1_000) / (now - this.#rated.at))
    this.#rated = { at: now, executions }
    return { elapsed: (now - this.#started) / 1_000, rate, sinceNew: Math.round((now - this.#newAt) / 1_000) }
  }

  #object(value: unknown): void {
    this.#screen.say(JSON.stringify(value))
  }
}
