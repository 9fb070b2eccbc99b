/** Loaded first by whatever start.mjs starts as a command: before src, which may be broken too. */
import { sealRealm } from './realm.ts'
import { sealEnding } from './terminal/ending.ts'

sealEnding()
sealRealm()
