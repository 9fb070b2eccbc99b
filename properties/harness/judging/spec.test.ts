import { describe, expect, it } from 'vitest'
import { coverings } from '../../../spec/checker/lockstep/cells.ts'
import { planScopes, runChunk } from '../campaign/campaign.ts'
import { coverage, emptyResult } from '../campaign/tally.ts'
import { schedule } from '../parties/adapters.testkit.ts'
import { changed } from '../parties/party.ts'
import { srcSystem } from '../parties/party-file.ts'
import { partyOf } from '../parties/src.ts'
import { loadVariant } from '../process/variants.ts'
import { systemOf } from '../world/system.ts'
import { probe, SPEC } from './probing.ts'

describe('SPEC', () => {
  it('agrees with src on the schedules that reach every cell, in both modes', () => {
    for (const mode of ['bound', 'literal'] as const) {
      const reached = coverings(mode).map(({ schedule }) => probe(SPEC, schedule, srcSystem))
      expect(reached.flatMap((r) => r.violated ?? [])).toEqual([])
      expect(reached.every((r) => r.reached > 0)).toBe(true)
    }
  })

  it('tells a wrong reason apart, which the network never sees', async () => {
    const swapped = await loadVariant([
      {
        file: 'src/checks.ts',
        find: "expected.round) return 'stale-round'",
        replace: "expected.round) return 'future-round'",
      },
    ])
    const system = systemOf('stale is called future', partyOf(swapped), partyOf(swapped))
    const whys = coverings('bound').flatMap(({ schedule }) => probe(SPEC, schedule, system).violated?.why ?? [])
    expect(whys.length).toBeGreaterThan(0)
    expect(whys[0]).toMatch(/future-round.*the model allows.*stale-round/)
  })

  it('has a word where nothing was seen', () => {
    const late = systemOf('late', srcSystem.client, (host, setup) =>
      changed(srcSystem.server(host, setup), { tick() {} }),
    )
    const hexed = { do: 'inject', to: { side: 'server', n: 0 }, hex: '00' } as const
    const { violated } = probe(SPEC, schedule([hexed, { do: 'advance', ms: 5_000 }]), late)
    expect(violated?.why).toBe('saw nothing; the model allows s0 ends')
  })
})

describe('model coverage', () => {
  it('names what was not exercised', () => {
    const none = coverage(emptyResult(srcSystem), 'bound')
    expect(none).toHaveLength(coverings('bound').length)
    expect(none.every((c) => c.times === 0)).toBe(true)
  })

  it('is complete once the scope `cells` was played', () => {
    const [chunk, ...more] = planScopes(['cells'], ['literal'])
    expect(more).toEqual([])
    expect(coverage(runChunk(chunk!, srcSystem), 'literal').filter((c) => c.times === 0)).toEqual([])
  })
})
