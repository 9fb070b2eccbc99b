import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MakeParty } from '../../harness/parties/party.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { srcParty } from '../../harness/parties/src.ts'
import { CORPUS } from '../../harness/stored.ts'
import { systemOf } from '../../harness/system.ts'
import { openFindings } from './check.ts'

const ATTACK = new URL('session-replay.json', CORPUS)
const scratch = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-findings-'))

const unbound: MakeParty = (host, setup) => srcParty(host, { ...setup, mode: 'literal' })

describe('open findings', () => {
  it('are none where there is no folder, and none for what literal is known for', () => {
    const folder = scratch()
    copyFileSync(ATTACK, join(folder, 'A2-literal.json'))
    expect(openFindings(join(folder, 'nowhere'), srcSystem)).toEqual([])
    expect(openFindings(folder, srcSystem)).toEqual([])
  })

  it('are what still breaks bound; gone once it is mended', () => {
    const folder = scratch()
    writeFileSync(join(folder, 'A2-bound.json'), readFileSync(ATTACK, 'utf8').replace('"literal"', '"bound"'))
    const open = openFindings(folder, systemOf('without binding', unbound, unbound))
    expect(open.map((p) => p.kind)).toEqual(['open-finding'])
    expect(open[0]!.text).toMatch(/A2-bound\.json: still violates .*A2/)
    expect(open[0]!.replay).toMatch(/^npm run prop -- --replay .*A2-bound\.json$/)
    expect(openFindings(folder, srcSystem)).toEqual([])
  })
})
