import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schedules } from '../generate/arbitraries.ts'
import { BIASES } from '../generate/biases.ts'
import { play } from '../world/play.ts'
import { systemOf } from '../world/system.ts'
import { referenceParty, referenceSystem } from './reference.ts'
import { srcParty } from './src.ts'

const SYSTEMS = [
  referenceSystem,
  systemOf('reference client, src server', referenceParty, srcParty),
  systemOf('src client, reference server', srcParty, referenceParty),
]

describe.each(SYSTEMS)('$name', (system) => {
  it.each(Object.entries(BIASES))('no invariant is violated in bound mode: bias %s', (_, bias) => {
    let accepted = 0
    for (const schedule of fc.sample(schedules(bias, 'bound'), { numRuns: 25, seed: 1 })) {
      const { findings } = play(schedule, system, (e) => {
        if (e.on === 'accepted') accepted++
        if (e.on === 'fault') throw new Error(e.error)
      })
      expect(findings).toEqual([])
    }
    expect(accepted).toBeGreaterThan(25) // the schedules get somewhere
  })
})
