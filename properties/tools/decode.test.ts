import { describe, expect, it } from 'vitest'
import { perform } from '../harness/terminal/command.ts'
import { listening } from './console/testkit.ts'
import { decode } from './decode.ts'

describe('npm run decode', () => {
  it.each([
    [[], 'FILE: expected a transcript (JSON) or a capture (pcapng, pcap), got none'],
    [['a', 'b'], 'arguments: expected one FILE, got also b'],
    [['none.json'], 'file: expected a readable file, got none.json (ENOENT)'],
    [['.'], 'file: expected a readable file, got . (EISDIR)'],
    [['corpus/dialects/a.json'], 'corpus/dialects/a.json: '],
    [['README.md', '--dialect', 'none'], '--dialect none: expected a dialect file (JSON) or one of a, b, c, got'],
    [['README.md'], 'README.md: byte 0: expected a capture: pcapng (0a0d0d0a) or pcap (a1b2c3d4), got 23204761'],
  ])('%j is refused in one line', async (argv, why) => {
    const heard = listening()
    expect(await perform(decode, argv, heard.screen)).toBe(2)
    expect(heard.said).toHaveLength(1)
    expect(heard.text()).toContain(why)
  })

  it('prints of an answer what it carries, and no number that it does not', async () => {
    const heard = listening()
    expect(await perform(decode, ['corpus/transcripts/impl-a-reconnect.json'], heard.screen)).toBe(0)
    expect(heard.said.slice(0, 6)).toEqual([
      'c0 ─▶ s0  f0   CLIENT_HELLO r0         client 2   87 bytes   0a020000000001b4b2b557…50dc9750  "Hello from client 2"',
      'c0 ◀─ s0  f1   SERVER_CHALLENGE r0     client 2   103 bytes  14020000000002582a656f…91bf28de  "5365727665724368616c6c656e67652d313739353430333236302e313031…"',
      'c0 ─▶ s0  f2   CLIENT_DATA r1          client 2   71 bytes   1e020000000101831455af…8c515e68  values 1',
      'c0 ◀─ s0  f3   SERVER_AGGR_RESPONSE r1 client 2   87 bytes   280200000001028a7bc7d1…37d7b67d  average 1',
      'c0 ─▶ s0  f4   CLIENT_DATA r2          client 2   71 bytes   1e0200000002013d8344bd…e24769ad  values 2',
      'c0 ◀─ s0  f5   SERVER_AGGR_RESPONSE r2 client 2   87 bytes   28020000000202c659f0b1…5730d196  average 2',
    ])
    for (const [recording, answer] of [
      ['impl-b', 'sum 10'],
      ['impl-c', 'sum 22, count 3'],
    ] as const) {
      const { screen, said, text } = listening()
      expect(await perform(decode, [`corpus/transcripts/${recording}-3clients-5rounds.json`], screen)).toBe(0)
      expect(
        said
          .find((l) => l.includes('SERVER_AGGR_RESPONSE'))!
          .split('  ')
          .at(-1),
      ).toBe(answer)
      expect(text()).not.toContain('NaN')
    }
  })

  it('reads recordings of other implementations too, and shows its options', async () => {
    const heard = listening()
    expect(await perform(decode, ['corpus/transcripts/impl-a-errors.json'], heard.screen)).toBe(0)
    expect(heard.said.at(-1)).toBe('81 frames on 15 connections')
    expect(await perform(decode, ['--help'], heard.screen)).toBe(0)
    expect(heard.text()).toContain('a transcript (JSON) or a capture (pcapng, pcap)')
  })
})
