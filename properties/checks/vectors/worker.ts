/** A forked process that plays the published vectors on src: only here does its code run. */
import { serve } from '../../harness/process/pool.ts'
import { sealRealm } from '../../harness/process/realm.ts'
import { playFile, vectorFile } from './play.ts'

serve(async (name: string) => {
  const { srcParty } = await import('../../harness/parties/src.ts')
  return playFile(vectorFile(name), srcParty)
})
sealRealm() // before src is loaded
