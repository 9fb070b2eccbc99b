/** What a run of the gate is about, and in what words its report speaks of it. */
import type { Section } from '../harness/outcome.ts'
import type { SAYS } from './decide.ts'
import type { Ran, Stage } from './runner.ts'

export interface Subject {
  readonly title: string
  /** How an implementation on trial is typed; null: it is this commit. */
  readonly party: string | null
  /** The command that makes the report, and what can be said of a second run. */
  readonly made: string
  readonly stable: string
  /** The command of this very run. */
  readonly again: string
  /** What each exit code means. */
  readonly says: typeof SAYS
  /** Every stage, whether or not a profile has it; and the names in the order of the report. */
  readonly stages: readonly Stage[]
  readonly order: readonly string[]
  /** Before those of the stages. */
  readonly sections?: readonly Section[]
  /** After them: what several stages say together. */
  more?(ran: readonly Ran[]): readonly Section[]
  readonly notCovered: readonly string[]
}
