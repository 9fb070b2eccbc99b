/** What an attack on a server that speaks another dialect can be judged by: what frames alone show, and no dialect sets. */
import { type Dialect, isPrefixed } from '../../../spec/dialects/dialect.ts'

const JUDGED = ['A1', 'A1s', 'A2', 'C1', 'L1', 'S1', 'S2', 'S3', 'S4', 'S5', 'reflected', 'confirmed-flooded']

const OF_CLIENTS = 'it is about clients, and the clients here are ours'
const OF_ENDS = 'the network does not show why a session ended'
const REASONS: Readonly<Record<string, string>> = {
  A3: OF_CLIENTS,
  A8: OF_CLIENTS,
  A10: OF_CLIENTS,
  'foreign-desync': OF_CLIENTS,
  'sibling-response': OF_CLIENTS,
  'half-open-evicted': OF_ENDS,
  'taken-over': OF_ENDS,
}
const FAMILIES: Readonly<Record<string, string>> = {
  O: 'reactions are those of the dialect',
  G: 'npm run conform judges the numbers of a dialect',
  B: 'limits and times are those of PROTOCOL',
}

/** Whether a connection goes on after some bad frame. */
const survives = ({ reaction }: Dialect): boolean =>
  typeof reaction === 'object' ? Object.values(reaction).some((told) => told.stays) : reaction === 'telling'

/** Why this goal cannot be judged of a server that speaks the dialect; null: it can. */
export const unjudged = (id: string, d: Dialect): string | null => {
  if (id === 'S2' && d.startRound !== 0) return 'the dialect starts in another round than PROTOCOL'
  if (id === 'S4' && survives(d)) return 'connections survive a bad frame in the dialect'
  if (id === 'S4' && !isPrefixed(d.framing)) return 'nothing says where a frame ends in the dialect'
  if (JUDGED.includes(id)) return null
  return REASONS[id] ?? FAMILIES[id[0]!] ?? 'the network does not show it'
}
