/** Captures beside other programs that read and write them. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { needs } from '../../harness/process/needs.ts'
import { keyringOf } from '../../harness/world/rng.ts'
import { judged, made, packetsOf } from './captured.testkit.ts'

const run = promisify(execFile)
const KEYRING = keyringOf([1, 2, 3, 4])
const honest = made(1_500, 'bound', false)
const dir = mkdtempSync(join(tmpdir(), 'judge-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('a capture', () => {
  it(
    'opens in tshark with as many packets of the same lengths, and what it writes as pcap is read the same',
    needs('tshark', async () => {
      const [ours, theirs] = [join(dir, 'a.pcapng'), join(dir, 'a.pcap')]
      writeFileSync(ours, honest)
      const { stdout } = await run('tshark', ['-r', ours, '-T', 'fields', '-e', 'frame.len'], { maxBuffer: 1 << 26 })
      expect(stdout.trimEnd().split('\n').map(Number)).toEqual(packetsOf(honest).map((p) => p.length))
      await run('tshark', ['-r', ours, '-F', 'pcap', '-w', theirs])
      const [a, b] = [await judged(honest, 'bound', KEYRING), await judged(readFileSync(theirs), 'bound', KEYRING)]
      expect(b.judge.tally()).toEqual(a.judge.tally())
    }),
  )

  it(
    'that tcpdump writes is read the same',
    needs('tcpdump', async () => {
      const [ours, theirs] = [join(dir, 't.pcapng'), join(dir, 't.pcap')]
      writeFileSync(ours, honest)
      await run('tcpdump', ['-r', ours, '-w', theirs])
      expect(readFileSync(theirs).readUInt32LE(0)).toBe(0xa1b2c3d4)
      const [a, b] = [await judged(honest, 'bound', KEYRING), await judged(readFileSync(theirs), 'bound', KEYRING)]
      expect(b.troubles).toEqual([])
      expect(b.judge.tally()).toEqual(a.judge.tally())
    }),
  )
})
