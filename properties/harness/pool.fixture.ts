/** A worker for the tests of the pool. */
import { type Beat, serve } from './pool.ts'

serve(async (job: string, beat: Beat): Promise<string> => {
  switch (job) {
    case 'hang':
      for (;;);
    case 'die':
      process.exit(3)
      break
    case 'throw':
      throw new Error('thrown', { cause: new Error('deeper') })
    case 'talk':
      for (;;) await beat('more')
    case 'speak':
      await beat('half')
      break
  }
  return `${process.argv[2]} ${job}`
})
