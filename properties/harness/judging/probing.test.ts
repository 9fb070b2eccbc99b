import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minimal } from '../campaign/minimal.ts'
import { schedules } from '../generate/arbitraries.ts'
import { BIASES } from '../generate/biases.ts'
import { srcSystem } from '../parties/party-file.ts'
import { partyOf } from '../parties/src.ts'
import { loadVariant } from '../process/variants.ts'
import { play } from '../world/play.ts'
import { type System, systemOf } from '../world/system.ts'
import { examine, violation } from './examine.ts'
import { SHARES } from './probing.ts'

const sample = (bias: string, n: number) => fc.sample(schedules(BIASES[bias]!, 'bound'), { numRuns: n, seed: 11 })

const changed = async (file: string, find: string, replace: string): Promise<System> => {
  const party = partyOf(await loadVariant([{ file: `src/${file}.ts`, find, replace }]))
  return systemOf('changed', party, party)
}

/** Bugs that the probe sees. */
const PLANTED: Readonly<Record<string, readonly [bug: string, bias: string, file: string, find: string, by: string]>> =
  {
    F2: [
      'what follows a frame in its chunk is lost',
      'replay',
      'frame',
      'if (!take(chunk.subarray(at - length, at))) return',
      'if (take(chunk.subarray(at - length, at)) || true) return',
    ],
    G6: [
      'sums are added up as they come',
      'rounds',
      'aggregate',
      'if (low !== 0) partials[kept++] = low',
      'if (Number.isNaN(low)) partials[kept++] = low',
    ],
    L3: [
      'a rejected frame empties the keyring',
      'tamper',
      'server',
      "line.port.report({ kind: 'rejected', frame, reason })",
      "line.port.report({ kind: 'rejected', frame, reason }); (this.#keyring as Map<number, Uint8Array>).clear()",
    ],
    S8: [
      'a snapshot leaves out the bytes of an incomplete frame',
      'tamper',
      'server',
      'line.stream.push(buffered, () => true)',
      '',
    ],
    TWIN: [
      'one reason is given for another, which no monitor minds',
      'replay',
      'checks',
      "if (header.round < expected.round) return 'stale-round'",
      "if (header.round < expected.round) return 'future-round'",
    ],
  }

describe.each(Object.entries(PLANTED))('%s', (id, [bug, bias, ...replacement]) => {
  it(`finds a mutant: ${bug}`, async () => {
    const system = await changed(...(replacement as unknown as [string, string, string]))
    const found = sample(bias, 60).find((s) => violation(id, s, system) !== undefined)
    expect(found).toBeDefined()
    const c = minimal(id, { ...found!, actions: play(found!, system).executed }, system)
    expect(c.schedule.actions.length).toBeLessThanOrEqual(8) // what a minimal counterexample may have
    expect(c.ladder.join('\n')).toContain(`✗ ${id}: `)
    expect(violation(id, c.schedule, srcSystem)).toBeUndefined() // without the bug it passes
  })
})

it.each(['bound', 'literal'] as const)('no probe finds anything in src, whatever the bias: %s', (mode) => {
  const ids = SHARES.map((s) => s.probe.id)
  for (const bias of Object.values(BIASES))
    for (const s of fc.sample(schedules(bias, mode), { numRuns: 3, seed: 5 }))
      expect(examine(s, srcSystem).filter((f) => ids.includes(f.invariant))).toEqual([])
})
