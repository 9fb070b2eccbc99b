import { describe, expect, it } from 'vitest'
import { MUTANTS } from '../../properties/harness/mutants/catalogue.ts'
import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { scheduleSchema } from '../../properties/harness/schedules/schedule-file.ts'
import { Rng } from '../../properties/harness/world/rng.ts'
import { concat } from '../../spec/reference/bytes.ts'
import * as src from '../../src/index.ts'
import { loadGuided } from '../engine/judge.ts'
import type { Oracle, Target } from '../engine/target.ts'
import { killOne } from '../mutants/kill.ts'
import { actionsOf, HEAD, MAX_BYTES, MAX_RECORDS, RECORD, recordsOf } from './sequence/codec.ts'
import { sequence, sequenceModel, sequenceSchedule } from './sequence.ts'

const randomInputs = (n: number): readonly Uint8Array[] => {
  const rng = new Rng(1)
  return Array.from({ length: n }, () => Uint8Array.from({ length: rng.below(MAX_BYTES + 1) }, () => rng.below(256)))
}

const notesOf = (target: Target) => {
  const oracle = target.oracle(src)
  return (data: Uint8Array): readonly number[] => {
    const notes: number[] = []
    oracle(data, (tag, value) => notes.push(256 * tag + value))
    return notes
  }
}

describe('the format', () => {
  it('makes a schedule that prop reads of every byte string', () => {
    for (const data of [...sequence.seeds(), ...randomInputs(300), new Uint8Array(0)]) {
      const parsed = scheduleSchema.safeParse(JSON.parse(JSON.stringify(sequenceSchedule(data))))
      expect(parsed.error?.issues ?? []).toEqual([])
      expect(recordsOf(data)).toBeLessThanOrEqual(MAX_RECORDS)
      expect(actionsOf(data, 'I')).toHaveLength(recordsOf(data))
    }
  })
})

describe('steps', () => {
  it('are played once where inputs in a row begin with the same, and show what they show when played anew', async () => {
    const { src: counted, counts } = await loadGuided(sequence)
    const shownBy = (oracle: Oracle, data: Uint8Array) => {
      const notes = new Set<number>()
      counts!.fill(0)
      oracle(data, (tag, value) => notes.add(256 * tag + value))
      return { notes: [...notes].sort(), counts: [...counts!] }
    }
    const rng = new Rng(2)
    const inARow = randomInputs(12).flatMap((data) => {
      data[0] = data[0]! % 3 // settings that can do more
      const kept = data.subarray(0, HEAD + RECORD * rng.below(1 + recordsOf(data)))
      return [data, ...randomInputs(5).map((other) => concat(kept, other.subarray(HEAD)).subarray(0, MAX_BYTES))]
    })
    const one = sequence.oracle(counted, counts)
    const shown = inARow.map((data) => shownBy(one, data))
    expect(inARow.map((data) => shownBy(sequence.oracle(counted, counts), data))).toEqual(shown)
    expect(new Set(shown.map((s) => s.notes.length)).size).toBeGreaterThan(10)
  })
})

describe('sequence', () => {
  const inputs = [...sequence.seeds(), ...randomInputs(40)]

  it('does the same with an input whenever it comes, and what is no cryptography makes no difference', () => {
    const [real, model] = [notesOf(sequence), notesOf(sequenceModel)]
    const first = inputs.map(real)
    expect([...inputs].reverse().map(real).reverse()).toEqual(first)
    expect(inputs.map(model)).toEqual(first)
    expect(new Set(first.flat()).size).toBeGreaterThan(100)
  })

  it.each(['tag-unchecked', 'no-binding', 'lookup-by-header-id'])(
    'finds %s, and its schedule shows it without the fuzzer',
    async (id) => {
      const mutant = MUTANTS.find((m) => m.id === id)!
      const kill = await killOne(mutant, sequence, { seed: 1, limitMs: 30_000 }, async () => {})
      expect(kill.reason).not.toBeNull()
      expect(kill.replays).not.toBeNull()
    },
  )

  it('goes on after an input that fails only because of others before it, to one whose schedule shows the bug', async () => {
    const mutant: Mutant = {
      id: 'shared-reassembly-buffer',
      bug: 'one buffer for the incomplete frames of all connections',
      replacements: [
        {
          file: 'src/frame.ts',
          find: 'export class Reassembler {',
          replace: 'const SHARED = new Uint8Array(MAX_FRAME)\nexport class Reassembler {',
        },
        {
          file: 'src/frame.ts',
          find: 'this.#frame = new Uint8Array(length)',
          replace: 'this.#frame = SHARED.subarray(0, length)',
        },
      ],
      expect: 'F2',
    }
    const kill = await killOne(mutant, sequence, { seed: 2, limitMs: 30_000 }, async () => {})
    expect(kill.replays).toContain('F2')
  }, 60_000)
})

describe('kinds of records', () => {
  it('keep their meaning when some are added', () => {
    const kinds = (byte: number) => actionsOf(Uint8Array.of(0, 0, byte), 'L')[0]!
    expect([0, 13, 14, 15].map((byte) => kinds(byte).do)).toEqual(['deliver', 'leak', 'deliver', 'continue'])
    expect([16, 17, 27, 28].map((byte) => kinds(byte).do)).toEqual(['seal', 'submit', 'leak', 'deliver'])
  })
})
