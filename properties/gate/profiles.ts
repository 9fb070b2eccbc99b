/** How much each stage does. Budgets are counts, never times: a slow machine takes longer and finds the same. */
import { MODES, type Mode } from '../../spec/language.ts'
import { DEFAULT_RUNS } from '../harness/campaign/campaign.ts'

export interface Profile {
  readonly name: 'pr' | 'full' | 'tiny'
  readonly says: string
  /** The stages that run, by name. */
  readonly leavesOut: readonly string[]
  /** Random schedules per seed, over both modes and all biases. */
  readonly schedules: number
  /** Exhaustive scopes; null: all of them. */
  readonly scopes: readonly string[] | null
  /** Modes in which they are played: what literal breaks there is no news. */
  readonly scopeModes: readonly Mode[]
  /** Modes in which the model is exhausted. */
  readonly modelModes: readonly Mode[]
  readonly mutants: {
    /** One in so many of the catalogue, so that every family is there. */
    readonly 'one-in': number
    /** Where they are hunted: with both sides made of the mutant, with one, or in both worlds (null). */
    readonly world: 'both' | 'one' | null
    /** Schedules that a mutant may survive in each world, and those played after its first kill. */
    readonly budget: number
    readonly after: number
  }
  /** Of each fuzz target. */
  readonly executions: number
  /** How many of the fuzz targets; null: all. */
  readonly targets: number | null
  /** How many of the attacks over sockets; null: all. */
  readonly attacks: number | null
  /** How many further seeds are tried after the default one. */
  readonly extraSeeds: number
}

export const PROFILES: Readonly<Record<Profile['name'], Profile>> = {
  pr: {
    name: 'pr',
    says: 'what gates a merge: under 10 minutes on 2 cores',
    leavesOut: [],
    schedules: DEFAULT_RUNS,
    scopes: null,
    scopeModes: ['bound'],
    modelModes: ['literal', 'bound'],
    mutants: { 'one-in': 4, world: 'both', budget: 3_000, after: 0 },
    executions: 100_000,
    targets: null,
    attacks: null,
    extraSeeds: 0,
  },
  full: {
    name: 'full',
    says: 'everything there is: under an hour on 2 cores',
    leavesOut: [],
    schedules: DEFAULT_RUNS,
    scopes: null,
    scopeModes: MODES,
    modelModes: ['literal', 'bound'],
    mutants: { 'one-in': 1, world: null, budget: 3_000, after: 200 },
    executions: 5_000_000,
    targets: null,
    attacks: null,
    extraSeeds: 9,
  },
  tiny: {
    name: 'tiny',
    says: 'a minute, to test the gate itself: floors and coverage are not judged',
    leavesOut: ['check', 'tests', 'prove', 'learn'],
    schedules: 96,
    scopes: ['lengths'],
    scopeModes: ['bound'],
    modelModes: ['literal'],
    mutants: { 'one-in': 240, world: 'both', budget: 1_000, after: 0 },
    executions: 500,
    targets: 2,
    attacks: 2,
    extraSeeds: 0,
  },
}
