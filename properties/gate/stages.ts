/** Every stage, in the order in which they run; and the order in which the report shows them. */
import { fuzz } from '../../fuzz/check.ts'
import { MODES } from '../../spec/language.ts'
import { attacksOf } from '../checks/attacks/check.ts'
import { claims } from '../checks/claims/check.ts'
import { explore } from '../checks/explore/check.ts'
import { mutants } from '../checks/mutants/check.ts'
import { prop } from '../checks/prop/check.ts'
import { prove } from '../checks/prove/check.ts'
import { scopes } from '../checks/scopes/check.ts'
import { stored } from '../checks/stored/check.ts'
import { tests } from '../checks/tests/check.ts'
import { types } from '../checks/types/check.ts'
import { readAttacks } from '../harness/attack/attack-file.ts'
import { learnCheck } from '../strangers/learn/check.ts'
import { SAYS } from './decide.ts'
import { leftSection } from './left.ts'
import type { Subject } from './report.ts'
import { type Stage, stage } from './runner.ts'

/** What is quick and likely to fail comes first. */
export const STAGES: readonly Stage[] = [
  stage(types),
  stage(stored),
  stage(explore, (p) => ({ profile: p.modelModes.length === 1 ? p.modelModes[0]! : 'gate' })),
  stage(claims, (p) => ({ mode: p.modelModes })),
  stage(prove, () => ({ only: 'z3' as const })),
  stage(learnCheck, (p) => ({ mode: p.modelModes })),
  stage(attacksOf(readAttacks()), (p) => ({ mode: MODES, first: p.attacks })),
  stage(tests),
  stage(scopes, (p) => ({ mode: p.scopeModes, ...(p.scopes === null ? {} : { scope: p.scopes }) })),
  stage(prop, (p, seed) => ({ runs: p.schedules, seed, 'extra-seeds': p.extraSeeds })),
  stage(fuzz, (p) => ({ executions: p.executions, first: p.targets })),
  stage(mutants, (p, seed) => ({ ...p.mutants, seed })),
]

/** What a reader wants to know first comes first. */
export const REPORT_ORDER: readonly string[] = [
  'claims',
  'prove',
  'prop',
  'mutants',
  'scopes',
  'explore',
  'learn',
  'attacks',
  'fuzz',
  'stored',
  'tests',
  'check',
]

/** What no stage says anything about. Fixed text: what is not promised stands next to what is. */
const NOT_COVERED = [
  'Cryptography itself: AES, SHA-256 and HMAC are taken to be what they claim; the model treats them as ideal.',
  'Timing and other side channels of the machine. That tags are compared in constant time is checked by reading, not by measuring.',
  'Forward secrecy against the master key, healing after a leak, protection from dropping or delaying, availability of the handshake, traffic analysis, lies of authenticated clients, and anything at all once the IV generator repeats: PROTOCOL §9 does not claim them.',
  'Schedules longer, conversations deeper, and more clients at once than the figures above show; sessions of 2^32 rounds are reached by starting them there.',
  'Node, the operating system and real networks beyond the loopback interface.',
  'Implementations other than `src/`: run your own with `npm run gate -- --party FILE`.',
]

/** This commit on trial. */
export const ownSubject = (profile: string): Subject => ({
  title: 'Gauntlet: what can be believed',
  party: null,
  made: 'npm run gate',
  stable: 'the same commit makes the same bytes, so the difference is the news.',
  again: `npm run gate -- --profile ${profile}`,
  says: SAYS,
  stages: STAGES,
  order: REPORT_ORDER,
  more: leftSection,
  notCovered: NOT_COVERED,
})
