/** Cases of conform on the reference, whole or without a rule, in a world that stands still (still.ts). */
import { PROTOCOL } from '../../../../spec/dialects/dialect.ts'
import { Followers } from '../../../../spec/dialects/follower.ts'
import type { Mode } from '../../../../spec/language.ts'
import type { MakeParty } from '../../../harness/parties/party.ts'
import { Target } from '../../../harness/target.ts'
import { CASES, CLIENT_CASES } from '../cases/index.ts'
import { judgeClient } from '../clients/judge.ts'
import { judge } from '../judge.ts'
import type { Row } from '../repeat.ts'
import { KEYRING, launched, served } from './reference.ts'

export const SIDES = ['server', 'client'] as const
export type Side = (typeof SIDES)[number]

/** Ids of the cases of a side, in the order in which they are played. */
export const casesOf = (side: Side): readonly string[] => (side === 'server' ? CASES : CLIENT_CASES).map((c) => c.id)

/** Throws NotJudged. */
export const played = async (side: Side, id: string, make: MakeParty, mode: Mode): Promise<Row> => {
  const dialect = PROTOCOL[mode]
  const { signal } = new AbortController()
  const common = { followers: new Followers(dialect), keyring: KEYRING, seed: 1, signal, progress() {} }
  if (side === 'client') {
    const setting = { ...common, launch: launched(make, mode), lines: ['5', '7', '9'], givesUpMs: 12_000 }
    return (await judgeClient([CLIENT_CASES.find((c) => c.id === id)!], setting)).rows[0]!
  }
  const { port, stop } = await served(make, mode)
  const reach = { start: null, address: { host: '127.0.0.1', port }, rate: null, maxConnections: 32 }
  try {
    const c = CASES.find((x) => x.id === id)!
    return (await judge([c], { ...common, target: new Target(reach, dialect) })).rows[0]!
  } finally {
    stop()
  }
}
