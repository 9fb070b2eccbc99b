/** What a person, or a program, sees of a search: while it runs, when a target's turn ends, and at the end of all. */
import type { Screen } from '../properties/harness/terminal/command.ts'
import { clock, n, plural, right, table } from '../properties/harness/terminal/text.ts'
import type { Result } from './engine/campaign.ts'
import { printCoverage } from './engine/edges.ts'
import { printReach, reachOf } from './engine/features.ts'
import { type Found, replayCommand } from './engine/finding.ts'
import type { Status } from './engine/supervisor.ts'
import type { Options } from './options.ts'
import { targetNamed } from './targets/index.ts'

/** Whether a search found nothing, something, or ended early. */
const verdictOn = ({ findings, troubles }: Result): string => {
  const count = findings.length === 0 ? 'no findings' : plural(findings.length, 'finding')
  return troubles.length === 0 ? count : `ended early, ${count}`
}

/** Says at once what is to come where that takes several targets. */
export const displayOf = ({ targets, budget, json }: Options, { say, paint, progress }: Screen) => {
  const line = progress()
  const started = performance.now()
  const results: Result[] = []
  let timer: NodeJS.Timeout | undefined
  let last: Status | null = null
  let begun = started
  let rated = { at: started, executions: 0 }
  let newAt = started
  let findings = 0
  const object = (value: unknown): void => say(JSON.stringify(value))
  /** Seconds; the rate is that since the figures were last shown. */
  const rates = ({ executions }: Status) => {
    const now = performance.now()
    const rate = Math.round(((executions - rated.executions) * 1_000) / (now - rated.at))
    rated = { at: now, executions }
    return { elapsed: (now - begun) / 1_000, rate, sinceNew: Math.round((now - newAt) / 1_000) }
  }
  /** Of this target's turn, at its pace so far. */
  const leftOf = ({ executions }: Status, elapsed: number): string => {
    const share = budget.kind === 'time' ? elapsed / budget.seconds : executions / budget.executions
    return share === 0 ? '' : `, about ${clock(Math.max(0, elapsed / share - elapsed))} left`
  }
  const textOf = (status: Status): string => {
    const { elapsed, rate, sinceNew } = rates(status)
    const place = targets.length === 1 ? '' : `${results.length + 1} of ${targets.length}  `
    const target = (targets[results.length] ?? '').padEnd(8)
    return `${place}${target} ${clock(elapsed)}${leftOf(status, elapsed)}  ${n(status.executions)} execs  ${n(rate)}/s  corpus ${n(status.corpus)}  features ${n(status.features)}  findings ${findings}  last new ${sinceNew} s ago`
  }
  const tick = () => {
    const status = last
    if (status === null) return
    if (!json) return line.show(() => textOf(status))
    const { elapsed, ...others } = rates(status)
    const target = targets[results.length]
    object({ event: 'status', target, elapsed: Math.round(elapsed), ...status, ...others, findings })
  }
  if (!json && targets.length > 1) {
    const each = budget.kind === 'time' ? `${n(budget.seconds)} s` : plural(budget.executions, 'execution')
    const all = budget.kind === 'time' ? `, ${clock(targets.length * budget.seconds)} together` : ''
    say(`${targets.length} targets, ${each} each${all}`)
  }
  return {
    /** The next target's turn. */
    begin(): void {
      last = null
      begun = performance.now()
      newAt = begun
      rated = { at: begun, executions: 0 }
      findings = 0
      timer = setInterval(tick, 1_000)
    },
    status(status: Status): void {
      if (status.features !== last?.features) newAt = performance.now()
      last = status
    },
    found(found: Found) {
      findings++
      if (json) return object({ event: 'finding', ...found })
      line.clear()
      say(found.lines.map((text, i) => (i === 0 ? paint(text, 'red') : text)).join('\n'))
    },
    end(r: Result) {
      clearInterval(timer)
      results.push(r)
      // No times: the same seed and number of executions give the same object.
      if (json) return object({ event: 'result', ...r, findings: r.findings.map((f) => f.signature) })
      line.clear()
      const rate = Math.round((r.executions * 1_000) / (performance.now() - begun))
      const verdict = paint(verdictOn(r), r.findings.length === 0 && r.troubles.length === 0 ? 'green' : 'red')
      say(
        [
          `${paint(r.target, 'bold')}: ${verdict}, ${n(r.executions)} executions (${n(rate)} a second), corpus ${n(r.corpus)}, features ${n(r.features)}`,
          ...printCoverage(r.coverage),
          ...(r.cells === null ? [] : printReach(reachOf(r.cells, targetNamed(r.target)))),
          ...r.troubles.map((t) => paint(`  ${t}`, 'red')),
        ].join('\n'),
      )
    },
    /** Everything once more: what each target came to, and how to see again what was found. */
    close(interrupted: boolean): void {
      const sum = (of: (r: Result) => number): number => results.reduce((total, r) => total + of(r), 0)
      const [executions, found] = [sum((r) => r.executions), sum((r) => r.findings.length)]
      const searched = { targets: targets.length, searched: results.length, interrupted, executions, findings: found }
      if (json) object({ event: 'summary', ...searched })
      if (json || (targets.length === 1 && !interrupted)) return // its own lines say it all
      const rows = results.map((r) => [r.target, n(r.executions), n(r.features), verdictOn(r)])
      say(table(['target', ...right('executions', 'features'), 'findings'], rows))
      for (const f of results.flatMap((r) => r.findings))
        say(`${paint(f.lines[0]!, 'red')}\n  ${replayCommand(f.path)}`)
      const whole = interrupted ? `interrupted at ${results.length} of ${targets.length}` : `${results.length}`
      const told = found === 0 ? 'nothing found' : `${plural(found, 'finding')}, on disk`
      const elapsed = clock((performance.now() - started) / 1_000)
      const text = `${whole} targets, ${n(executions)} executions in ${elapsed}: ${told}`
      say(paint(text, found === 0 ? 'green' : 'red'))
    },
  }
}
