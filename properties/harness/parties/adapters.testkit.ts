/** Adapters started in tests: as systems, and ended afterwards. */
import { afterAll } from 'vitest'
import type { Schedule } from '../../../spec/language.ts'
import type { System } from '../world/system.ts'
import { stopAdapters } from './child.ts'
import { partyNamed, systemFor } from './party-file.ts'

const started: string[] = []
export const load = async (command: string, side: 'client' | 'server' | 'both' | null = null) => {
  started.push(command)
  return systemFor(partyNamed({ party: null, 'party-cmd': command, side }))
}
export const system = async (...of: Parameters<typeof load>): Promise<System> => {
  const loaded = await load(...of)
  if (loaded.kind === 'bad') throw new Error(loaded.why)
  return loaded.value
}
afterAll(() => {
  for (const command of started) stopAdapters(command)
})

export const schedule = (actions: Schedule['actions'], mode: Schedule['mode'] = 'bound'): Schedule => ({
  version: 1,
  seed: 1,
  mode,
  powers: 'N',
  setup: { clients: [1, 2], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions,
})
export const HONEST = schedule([
  { do: 'converse', client: 0, rounds: 2 },
  { do: 'converse', client: 1, rounds: 1 },
])
