import { describe, expect, it } from 'vitest'
import { readAttacks } from '../attack/attack-file.ts'
import { srcSystem } from '../parties/party-file.ts'
import { CORPUS, readStored } from '../schedules/stored.ts'
import { ladder } from './ladder.ts'

const attacks = readAttacks()
if (attacks.kind === 'bad') throw new Error(attacks.why)
const lines = (columns?: number) => attacks.value.flatMap((a) => ladder(a.schedule, srcSystem, undefined, columns))

describe('a ladder', () => {
  it.each([78, 101])('of any attack fits %i columns, and says in few what it says in many', (columns) => {
    const fitting = lines(columns)
    expect(Math.max(...fitting.map((l) => l.length))).toBeLessThanOrEqual(columns)
    const arrows = fitting.filter((l) => /[▶◀]/.test(l))
    expect(arrows.length).toBeGreaterThan(100)
    expect(arrows.filter((l) => l.includes('…'))).toEqual([]) // nothing of an arrow is left off
    expect(fitting.length).toBe(lines().length)
  })

  it('in 80 columns has short names and narrow halves', () => {
    const file = readStored('session-replay.json', new URL('session-replay.json', CORPUS))
    if (file.kind === 'bad') throw new Error(file.why)
    expect(ladder(file.value.schedule, srcSystem, undefined, 80).slice(1, 4)).toMatchInlineSnapshot(`
      [
        "c0 ── HELLO r0 ──────▶   f0",
        "                        f0  ── HELLO r0 ──────▶ s0  accepted",
        "                        f1  ◀─ CHALLENGE r0 ─── s0",
      ]
    `)
  })
})
