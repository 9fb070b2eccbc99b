/** What a person, or a program, sees of a search: while it runs, when a target's turn ends, and at the end of all. */
import type { Screen } from '../properties/harness/terminal/command.ts'
import { clock, n, plural, table } from '../properties/harness/terminal/text.ts'
import type { Options, Result } from './engine/campaign.ts'
import { printCoverage } from './engine/edges.ts'
import { printReach, reachOf } from './engine/features.ts'
import { replayCommand } from './engine/finding.ts'
import type { Found, Status } from './engine/messages.ts'
import { targetNamed } from './targets/index.ts'

/** Whether a search found nothing, something, or ended early. */
const verdictOn = ({ findings, troubles }: Result): string => {
  const count = findings.length === 0 ? 'no findings' : plural(findings.length, 'finding')
  return troubles.length === 0 ? count : `ended early, ${count}`
}

export class Display {
  readonly #targets: readonly string[]
  readonly #budget: Options['budget']
  readonly #json: boolean
  readonly #screen: Screen
  readonly #line: ReturnType<Screen['progress']>
  readonly #started = performance.now()
  readonly #results: Result[] = []
  #timer: NodeJS.Timeout | undefined
  #status: Status | null = null
  #begun = performance.now()
  #rated = { at: performance.now(), executions: 0 }
  #newAt = performance.now()
  #findings = 0

  /** Says what is to come where that takes several targets. */
  constructor({ targets, budget, json }: Options, screen: Screen) {
    this.#targets = targets
    this.#budget = budget
    this.#json = json
    this.#screen = screen
    this.#line = screen.progress()
    if (json || targets.length === 1) return
    const each = budget.kind === 'time' ? `${n(budget.seconds)} s` : plural(budget.executions, 'execution')
    const all = budget.kind === 'time' ? `, ${clock(targets.length * budget.seconds)} together` : ''
    screen.say(`${targets.length} targets, ${each} each${all}`)
  }

  /** The next target's turn. */
  begin(): void {
    this.#status = null
    this.#begun = performance.now()
    this.#newAt = this.#begun
    this.#rated = { at: this.#begun, executions: 0 }
    this.#findings = 0
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
    const { say, paint } = this.#screen
    say(found.lines.map((line, i) => (i === 0 ? paint(line, 'red') : line)).join('\n'))
  }

  end(r: Result): void {
    clearInterval(this.#timer)
    this.#results.push(r)
    // No times: the same seed and number of executions give the same object.
    if (this.#json) {
      this.#object({ event: 'result', ...r, findings: r.findings.map((f) => f.signature) })
      return
    }
    this.#line.clear()
    const { say, paint } = this.#screen
    const rate = Math.round((r.executions * 1_000) / (performance.now() - this.#begun))
    const verdict = paint(verdictOn(r), r.findings.length === 0 && r.troubles.length === 0 ? 'green' : 'red')
    say(
      [
        `${paint(r.target, 'bold')}: ${verdict}, ${n(r.executions)} executions (${n(rate)} a second), corpus ${n(r.corpus)}, features ${n(r.features)}`,
        ...printCoverage(r.coverage),
        ...(r.cells === null ? [] : printReach(reachOf(r.cells, targetNamed(r.target)))),
        ...r.troubles.map((t) => paint(`  ${t}`, 'red')),
      ].join('\n'),
    )
  }

  /** Everything once more: what each target came to, and how to see again what was found. */
  close(interrupted: boolean): void {
    const all = this.#results
    const sum = (of: (r: Result) => number): number => all.reduce((total, r) => total + of(r), 0)
    const [executions, findings] = [sum((r) => r.executions), sum((r) => r.findings.length)]
    const searched = { targets: this.#targets.length, searched: all.length, interrupted, executions, findings }
    if (this.#json) this.#object({ event: 'summary', ...searched })
    if (this.#json || (this.#targets.length === 1 && !interrupted)) return // its own lines say it all
    const { say, paint } = this.#screen
    const rows = all.map((r) => [r.target, n(r.executions), n(r.features), verdictOn(r)])
    const numbers = ['executions', 'features'].map((head) => ({ head, right: true }))
    say(table([{ head: 'target' }, ...numbers, { head: 'findings' }], rows))
    for (const f of all.flatMap((r) => r.findings)) say(`${paint(f.lines[0]!, 'red')}\n  ${replayCommand(f.path)}`)
    const whole = interrupted ? `interrupted at ${all.length} of ${this.#targets.length}` : `${all.length}`
    const found = findings === 0 ? 'nothing found' : `${plural(findings, 'finding')}, on disk`
    const elapsed = clock((performance.now() - this.#started) / 1_000)
    say(
      paint(`${whole} targets, ${n(executions)} executions in ${elapsed}: ${found}`, findings === 0 ? 'green' : 'red'),
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
    const target = this.#targets[this.#results.length]
    this.#object({
      event: 'status',
      target,
      elapsed: Math.round(elapsed),
      ...status,
      ...rates,
      findings: this.#findings,
    })
  }

  #text(status: Status): string {
    const { elapsed, rate, sinceNew } = this.#rates(status)
    const place = this.#targets.length === 1 ? '' : `${this.#results.length + 1} of ${this.#targets.length}  `
    const target = (this.#targets[this.#results.length] ?? '').padEnd(8)
    return `${place}${target} ${clock(elapsed)}${this.#left(status, elapsed)}  ${n(status.executions)} execs  ${n(rate)}/s  corpus ${n(status.corpus)}  features ${n(status.features)}  findings ${this.#findings}  last new ${sinceNew} s ago`
  }

  /** Of this target's turn, at its pace so far. */
  #left({ executions }: Status, elapsed: number): string {
    const of = this.#budget
    const share = of.kind === 'time' ? elapsed / of.seconds : executions / of.executions
    return share === 0 ? '' : `, about ${clock(Math.max(0, elapsed / share - elapsed))} left`
  }

  /** Seconds; the rate is that since the figures were last shown. */
  #rates({ executions }: Status): { readonly elapsed: number; readonly rate: number; readonly sinceNew: number } {
    const now = performance.now()
    const rate = Math.round(((executions - this.#rated.executions) * 1_000) / (now - this.#rated.at))
    this.#rated = { at: now, executions }
    return { elapsed: (now - this.#begun) / 1_000, rate, sinceNew: Math.round((now - this.#newAt) / 1_000) }
  }

  #object(value: unknown): void {
    this.#screen.say(JSON.stringify(value))
  }
}
