/** A forked process that plays the chunks it is sent. */
import { runChunk } from './campaign.ts'

import type { Job, Reply } from './pool.ts'
import { srcSystem } from './systems.ts'

process.on('message', ({ chunk }: Job) => {
  try {
    const reply: Reply = { kind: 'done', result: runChunk(chunk, srcSystem) }
    process.send?.(reply)
  } catch (e) {
    const cause = e instanceof Error && e.cause instanceof Error ? `: ${e.cause.stack}` : ''
    process.send?.({ kind: 'failed', why: `${e instanceof Error ? e.message : String(e)}${cause}` } satisfies Reply)
  }
})
