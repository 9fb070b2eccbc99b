/** The process of the newcomer. */
import type { NewcomerAsk } from './messages.ts'
import { Newcomer } from './newcomer.ts'

const HOST = '127.0.0.1'

let newcomer: Newcomer | null = null

process.on('message', async (ask: NewcomerAsk) => {
  switch (ask.ask) {
    case 'start':
      newcomer = new Newcomer({ ...ask, host: HOST })
      return
    case 'stop':
      await newcomer?.stop()
      break
    case 'visits':
  }
  process.send?.(newcomer?.report())
})
process.on('SIGINT', () => {}) // a terminal sends Ctrl-C to every process; the parent decides
process.on('disconnect', () => process.exit())
