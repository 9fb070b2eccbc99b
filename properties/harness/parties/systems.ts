/** The systems that schedules are played against by name. */

import type { Parsed } from '../schedule-file.ts'
import { type System, systemOf } from '../system.ts'
import { systemFrom } from './party-file.ts'
import { srcParty } from './src.ts'

export const srcSystem: System = systemOf('src', srcParty, srcParty)

/** The implementation in `file`, else the one in src/. */
export const systemFor = async (file: string | null): Promise<Parsed<System>> =>
  file === null ? { kind: 'ok', value: srcSystem } : systemFrom(file)
