/** A forked process that plays the system it was started with, or src, or two of them, and answers questions on it. */
import { serve } from '../process/pool.ts'
import { sealRealm } from '../process/realm.ts'
import type { Question, Work } from './players.ts'

serve(async (question: Question<keyof Work>, beat, mark) => {
  const { answered } = await import('./answers.ts')
  return answered(question, beat, mark)
})
sealRealm() // before any code under test is loaded, src and parties alike, which the first question does
