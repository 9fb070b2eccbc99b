import { describe, expect, it } from 'vitest'
import { perform } from '../../harness/terminal/command.ts'
import { listening } from '../console/testkit.ts'
import { decode } from './decode.ts'

describe('npm run decode', () => {
  it.each([
    [[], 'file: expected a transcript or a capture, got none'],
    [['a', 'b'], 'arguments: expected one file, got also b'],
    [['none.json'], 'file: expected a readable file, got none.json (ENOENT)'],
    [['.'], 'file: expected a readable file, got . (EISDIR)'],
    [['corpus/dialects/a.json'], 'corpus/dialects/a.json: '],
    [['README.md'], 'README.md: byte 0: expected a pcapng section header (0a0d0d0a), got 23204761'],
  ])('%j is refused in one line', async (argv, why) => {
    const heard = listening()
    expect(await perform(decode, argv, heard.screen)).toBe(2)
    expect(heard.said).toHaveLength(1)
    expect(heard.text()).toContain(why)
  })

  it('reads recordings of other implementations too, and shows its options', async () => {
    const heard = listening()
    expect(await perform(decode, ['corpus/transcripts/impl-a-errors.json'], heard.screen)).toBe(0)
    expect(heard.said.at(-1)).toBe('81 frames on 15 connections')
    expect(await perform(decode, ['--help'], heard.screen)).toBe(0)
    expect(heard.text()).toContain('a transcript (JSON) or a capture (pcapng)')
  })
})
