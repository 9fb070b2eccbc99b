/** A forked process that plays the chunks it is sent, against the party file it was started with or src. */
import { systemFor } from '../parties/party-file.ts'
import { serve } from '../pool.ts'
import { type Chunk, runChunk } from './campaign.ts'
import type { Result } from './tally.ts'

/** `only`: the ids of what is to be judged; null: everything. */
export interface Job {
  readonly chunk: Chunk
  readonly only: ReadonlySet<string> | null
}

const system = await systemFor(process.argv[2] ?? null)

serve(({ chunk, only }: Job): Result => {
  if (system.kind === 'bad') throw new Error(system.why)
  return runChunk(chunk, system.value, only)
})
