/** A forked process in which src attacks itself over sockets: only here does its code run. */
import { serve } from '../../harness/process/pool.ts'
import { sealRealm } from '../../harness/process/realm.ts'
import type { Job } from './sockets.ts'

serve(async ({ attack, mode, columns }: Job) => {
  const { performOverTcp } = await import('./over-tcp.ts')
  return performOverTcp(attack, mode, undefined, columns)
})
sealRealm() // before src is loaded
