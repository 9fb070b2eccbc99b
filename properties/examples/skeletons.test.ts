/** The adapters to begin with in other languages, each where its compiler is: they compile, and speak spec/ADAPTER.md. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { stopAdapters } from '../harness/parties/child.ts'
import { setupOf } from '../harness/parties/party-file.ts'
import { adapterSays, refusesUnknown } from '../harness/parties/stdio.ts'
import { needs } from '../harness/process/needs.ts'

const source = (name: string): string => fileURLToPath(new URL(`./skeletons/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gauntlet-skeletons-'))
const program = join(folder, 'adapter')

/** Compiles where it can, and resolves with the command that starts it. */
const LANGUAGES = {
  go: ['go', ['build', '-o', `${program}-go`, source('adapter.go')], `${program}-go`],
  rustc: ['rustc', ['-O', '-D', 'warnings', '-o', `${program}-rs`, source('adapter.rs')], `${program}-rs`],
  javac: ['javac', ['-Xlint:all', '-Werror', '-d', folder, source('Adapter.java')], `java -cp ${folder} Adapter`],
} as const

describe.each(Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[])('the skeleton for %s', (language) => {
  const speaks = needs(language, () => {
    const [file, args, command] = LANGUAGES[language]
    execFileSync(file, args, { env: { ...process.env, GOCACHE: join(folder, 'cache') } })
    try {
      const server = adapterSays(command, setupOf('server'))
      expect(server?.emits).toEqual(['accepted', 'rejected', 'ended'])
      expect(adapterSays(command, setupOf('client'))).toBeNull()
      expect(refusesUnknown(command, setupOf('server'))).toBe(true)
    } finally {
      stopAdapters(command)
    }
  })
  it('compiles, and answers what it plays', { timeout: 120_000 }, speaks)
})
