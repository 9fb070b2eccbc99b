/** The options of `soak`. */
import { z } from 'zod'
import type { Mode } from '../../../src/index.ts'
import { integer, modeOption } from '../../harness/terminal/options.ts'
import { MOST_CLIENTS } from './values.ts'

export interface SoakOptions {
  readonly clients: number
  readonly rounds: number // of each client
  readonly hostile: number // peers
  readonly seed: number
  readonly mode: Mode
  readonly answerMs: number // the longest that a newcomer may wait
}

export const OPTIONS = z.strictObject({
  clients: integer({ says: `honest clients, 1..${MOST_CLIENTS}`, min: 1, max: MOST_CLIENTS, default: 100 }),
  rounds: integer({ says: 'rounds of each; half of them under attack', min: 2, max: 1_000_000, default: 640 }),
  hostile: integer({ says: 'hostile peers, 0..2000', min: 0, max: 2_000, default: 70 }),
  seed: integer({ says: '0..4294967295', min: 0, max: 0xffff_ffff, default: 20_261_123 }),
  mode: modeOption(),
  'answer-ms': integer({
    says: 'the longest that a new honest client may wait',
    min: 1,
    max: 600_000,
    default: 1_000,
  }),
})
