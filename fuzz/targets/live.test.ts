import { describe, expect, it } from 'vitest'
import { MUTANTS } from '../../properties/harness/mutants/catalogue.ts'
import { concat } from '../../spec/reference/bytes.ts'
import * as src from '../../src/index.ts'
import { u32 } from '../engine/input.ts'
import { judgeWith } from '../engine/judge.ts'
import type { Target } from '../engine/target.ts'
import { killOne } from '../mutants/kill.ts'
import { dataOf } from './conversation.ts'
import { client, session } from './live.ts'
import { encode, type Place, placeOf } from './live-input.ts'

const NETWORK = 0
const INSIDERS = 1
const ROUND_1 = 3 // of openings.ts
const DATA_ON_ITS_WAY = 4

const stream = (...frames: readonly Uint8Array[]): Uint8Array => concat(...frames.flatMap((f) => [u32(f.length), f]))
const forged = ({ node }: Place, round: number): Uint8Array => {
  const header = { opcode: 30, id: node.id, round, direction: 1 }
  return node.seal('c2s', header, dataOf([5]), new Uint8Array(16).fill(9))
}

const cellsOf = (target: Target, data: Uint8Array): readonly string[] => {
  const cells: string[] = []
  target.oracle(src)(data, (tag, value) => cells.push(target.cell!(tag, value) ?? ''))
  return cells.filter((c) => c !== '')
}

describe('session', () => {
  const place = placeOf('server', INSIDERS, ROUND_1)

  it('takes a frame that is on its way, whole and in pieces', () => {
    const frame = placeOf('server', NETWORK, DATA_ON_ITS_WAY).frames.at(-1)!
    for (const cut of [0, 3, 50])
      expect(
        cellsOf(session, encode({ opening: DATA_ON_ITS_WAY, setting: NETWORK, cut, stream: stream(frame) })),
      ).toEqual(['server ACTIVE CLIENT_DATA accepted'])
  })

  it('lets an insider seal what it likes, under the keys of the moment', () => {
    const [right, wrong] = [1, 2].map((round) =>
      encode({ opening: ROUND_1, setting: INSIDERS, cut: 0, stream: stream(forged(place, round)) }),
    )
    expect(cellsOf(session, right!)).toEqual(['server ACTIVE CLIENT_DATA accepted'])
    expect(cellsOf(session, wrong!)).toEqual(['server ACTIVE CLIENT_DATA future-round'])
    expect(session.schedule!(right!).actions.some((a) => a.do === 'seal')).toBe(true)
  })

  it('makes no finding of a frame that nobody can have made: one from the future of the same conversation', async () => {
    const judge = await judgeWith(session)
    const [greeting, later] = [2, DATA_ON_ITS_WAY].map((o) => placeOf('server', NETWORK, o).frames)
    const data = encode({ opening: 1, setting: NETWORK, cut: 0, stream: stream(greeting![0]!, later!.at(-1)!) })
    expect(judge(data).fault).toBeNull()
    expect(
      judge(encode({ opening: ROUND_1, setting: NETWORK, cut: 0, stream: stream(forged(place, 1)) })).fault,
    ).toBeNull()
  })
})

describe.each([session, client])('$name', (target) => {
  it('finds an unchecked tag, and its schedule shows it without the fuzzer', async () => {
    const mutant = MUTANTS.find((m) => m.id === 'tag-unchecked')!
    const kill = await killOne(mutant, target, { seed: 1, limitMs: 30_000 }, async () => {})
    expect(kill.reason).not.toBeNull()
    expect(kill.replays).not.toBeNull()
  })
})
