/** A forked process that plays the chunks it is sent, against the party file it was started with or src. */

import { systemFor } from '../parties/systems.ts'
import { runChunk } from './campaign.ts'
import type { Job, Reply } from './pool.ts'

const system = await systemFor(process.argv[2] ?? null)

const answer = (chunk: Job['chunk']): Reply => {
  if (system.kind === 'bad') return { kind: 'failed', why: system.why }
  try {
    return { kind: 'done', result: runChunk(chunk, system.value) }
  } catch (e) {
    const cause = e instanceof Error && e.cause instanceof Error ? `: ${e.cause.stack}` : ''
    return { kind: 'failed', why: `${e instanceof Error ? e.message : String(e)}${cause}` }
  }
}

process.on('message', ({ chunk }: Job) => process.send?.(answer(chunk)))
