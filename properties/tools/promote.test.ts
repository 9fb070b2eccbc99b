import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { promoteFile } from './promote.ts'

it('refuses an input of the fuzzer that has no note beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-promote-'))
  const alone = join(folder, 'alone.bin')
  writeFileSync(alone, 'x')
  expect(promoteFile(alone)).toMatchObject({
    kind: 'bad',
    why: expect.stringMatching(/expected a finding of the fuzzer/),
  })
  rmSync(folder, { recursive: true })
})
