/**
 * The gate for somebody else's implementation: the stages that can take one, and a report, exit codes and a folder of
 * its own. What is about our code (tests, fuzzing, mutants, claims, proof) is no part of it, and is not loaded.
 */
import { realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { MODES, type Mode } from '../../spec/language.ts'
import { attacksInMemory } from '../checks/attacks/in-memory.ts'
import { prop } from '../checks/prop/check.ts'
import { scopes } from '../checks/scopes/check.ts'
import { defendedByParty } from '../checks/stored/check.ts'
import { readAttacks } from '../harness/attack/attack-file.ts'
import { DEFAULT_SEED } from '../harness/campaign/campaign.ts'
import { type Setting, settingFor } from '../harness/campaign/setting.ts'
import { CHECKS } from '../harness/judging/examine.ts'
import { type PartyOptions, partyNamed } from '../harness/parties/party-file.ts'
import { oneParty, PARTY_SHAPE } from '../harness/parties/party-options.ts'
import { typed } from '../harness/parties/typed.ts'
import { ROOT } from '../harness/process/programs.ts'
import { cell, table } from '../harness/report/markdown.ts'
import type { Section } from '../harness/report/outcome.ts'
import type { Screen } from '../harness/terminal/command.ts'
import { invocationWith } from '../harness/terminal/invocation.ts'
import {
  noExplain,
  OptionError,
  oneOf,
  seedOption,
  someOf,
  text,
  type Usage,
  UsageError,
} from '../harness/terminal/options.ts'
import { printable } from '../harness/terminal/text.ts'
import { shows } from '../harness/world/system.ts'
import { carryOut } from './carry-out.ts'
import { PROFILES, type Profile } from './profiles.ts'
import type { Subject } from './report.ts'
import { type Stage, stage } from './runner.ts'
import { readEarlier } from './since.ts'

const NAMES = ['stored', 'attacks', 'scopes', 'prop'] as const

export const SINCE = text({
  value: 'FILE',
  says: 'an earlier report.json: index.html tells what changed since then',
  default: null,
})

const shape = {
  profile: oneOf(Object.keys(PROFILES) as Profile['name'][], {
    value: 'NAME',
    says: 'how much is played: pr, full, or tiny, which takes a minute at most',
    default: 'pr',
  }),
  seed: seedOption(DEFAULT_SEED),
  only: someOf(NAMES, { value: 'A,B', says: `these stages only: ${NAMES.join(', ')}`, default: null }),
  out: text({ value: 'DIR', says: 'where the run leaves its files (default reports/party)', default: null }),
  since: SINCE,
}
/** What only a gate for an implementation understands. */
export const PARTY_GATE_SHAPE = {
  ...PARTY_SHAPE,
  'no-explain': noExplain(),
  mode: someOf(MODES, {
    value: 'M',
    says: 'of --party and --party-cmd: the mode that it speaks, bound or literal (default both)',
    default: null,
  }),
}
const options = z.strictObject({ ...PARTY_GATE_SHAPE, ...shape }).superRefine((o, ctx) => oneParty(o, ctx))
type PartyGateOptions = z.output<typeof options>

export const PARTY_NOTES =
  'Exit codes with --party or --party-cmd: 0 nothing that was observed is wrong, 1 a violation, 2 usage, 3 stopped before the end, or it reports too little, 4 schedules that it does not survive or that were lost.'

/** The gate where there is nothing else to judge. */
export const PARTY_USAGE: Usage<typeof options> = { name: 'gate', options, notes: PARTY_NOTES }

/** Reactions to stored schedules are judged in bound alone, so a party of literal has no such stage. */
const stagesOf = (of: PartyOptions, modes: readonly Mode[]): readonly Stage[] => [
  ...(modes.includes('bound') ? [stage(defendedByParty, () => of)] : []),
  stage(attacksInMemory(readAttacks()), (p) => ({ ...of, mode: modes, first: p.attacks })),
  stage(scopes, (p) => ({
    ...of,
    mode: p.name === 'full' ? modes : modes.slice(0, 1),
    ...(p.scopes === null ? {} : { scope: p.scopes }),
  })),
  stage({ ...prop, asks: 'Does every invariant hold on random schedules' }, (p, seed) => ({
    ...of,
    mode: modes,
    runs: p.schedules,
    seed,
    'extra-seeds': p.extraSeeds,
  })),
]

/** Events, actions and snapshots that the schedules are poorer by, and what cannot be observed for it. */
const unseen = ({ system }: Setting): Section => {
  const hidden = CHECKS.filter((c) => !shows(system, c))
  const told = new Set(CHECKS.flatMap((c) => c.needs))
  const unreported = [...told].filter((e) => !system.emits.has(e)).sort()
  const because = (c: (typeof hidden)[number]): string =>
    [...c.needs.filter((e) => !system.emits.has(e)), ...(c.asks ?? []).filter((a) => system.lacks.has(a))].join(', ')
  const rows = hidden.map((c) => [`**${c.id}**`, cell(c.says), because(c)])
  const none = 'everything that an invariant looks at'
  const body = [
    `Not reported: ${unreported.length === 0 ? `nothing; it tells ${none}` : unreported.join(', ')}. Cannot be asked of it: ${[...system.lacks].sort().join(', ') || 'nothing'}.`,
    ...(hidden.length === 0
      ? []
      : [
          `So ${hidden.length} of ${CHECKS.length} invariants are **not observable**: this run says nothing about them.`,
          table(['', 'invariant', 'it would need'], rows),
        ]),
  ]
  return { title: 'What it does not show', body: body.join('\n\n') }
}

const SAYS = {
  0: 'nothing that could be observed is wrong',
  1: 'it is not as the specification says',
  3: 'nothing is known to be wrong, but too little was seen',
  4: 'it does not survive what was played, or the harness failed',
} as const

const NOT_COVERED = [
  'Whatever it does not report (above).',
  'Its sockets, its randomness where it draws its own, its files and its programs: it was played in memory, or over standard input and output.',
  'Timing and other side channels, and cryptography itself.',
  'What PROTOCOL §9 does not claim: forward secrecy against the master key, healing after a leak, protection from dropping or delaying, traffic analysis, lies of authenticated clients.',
  'Schedules longer, conversations deeper, and more clients at once than were played.',
]

const subjectOf = (s: Setting, of: PartyOptions, o: PartyGateOptions): Subject => {
  const named = typed(s.party ?? 'src')
  const modes = o.mode ?? MODES
  const [profile, mode] = [
    o.profile === 'pr' ? '' : ` --profile ${o.profile}`,
    o.mode === null ? '' : ` --mode ${o.mode}`,
  ]
  return {
    title: `Gauntlet: what can be believed of ${printable(s.system.name)}`,
    party: named.trim(),
    made: `${invocationWith('gate')}${named}`,
    stable: `the same implementation and seed make the same bytes. Judged in ${modes.join(' and ')}.`,
    again: `${invocationWith('gate')}${named}${profile}${mode}`,
    says: SAYS,
    stages: stagesOf(of, modes),
    order: ['prop', 'scopes', 'attacks', 'stored'],
    sections: [unseen(s)],
    notCovered: NOT_COVERED,
  }
}

/** Of what the gate was asked. Throws an OptionError where a stage is not one of these. */
export const partyOptions = (
  o: Omit<PartyGateOptions, 'only'> & { readonly only: readonly string[] | null },
): PartyGateOptions => {
  const odd = o.only?.find((name) => !NAMES.some((n) => n === name))
  if (odd !== undefined) throw new OptionError(`--only: expected stages of --party, ${NAMES.join(', ')}, got ${odd}`)
  return { ...o, only: o.only === null ? null : NAMES.filter((n) => o.only!.includes(n)) }
}

const real = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

/** The gate of `--party` and `--party-cmd`. Resolves with the exit code. Throws a UsageError. */
export const partyGate = async (o: PartyGateOptions, screen: Screen): Promise<number> => {
  const of = { party: o.party, 'party-cmd': o['party-cmd'], side: o.side }
  if (of.party === null && of['party-cmd'] === null)
    throw new OptionError('expected --party FILE or --party-cmd COMMAND, got neither')
  const out = o.out ?? 'reports/party'
  if ([ROOT, join(ROOT, 'reports')].some((ours) => real(ours) === real(out)))
    throw new UsageError(`--out: expected a folder other than those of this repository’s own report, got ${out}`)
  const s = await settingFor(partyNamed(of), [])
  const since = o.since === null ? null : readEarlier(o.since)
  const job = { profile: PROFILES[o.profile], seed: o.seed, only: o.only, explain: !o['no-explain'], out, since }
  return await carryOut({ ...job, subject: subjectOf(s, of, o) }, screen)
}
