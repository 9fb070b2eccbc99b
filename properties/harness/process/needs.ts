/**
 * Programs that only some machines have. What is installed must not decide what a run says: a test that needs a program
 * is always declared, and skipped with the reason where the program is missing, so that counts of tests do not move.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'vitest'

/** Program → the call that succeeds exactly where it can be used. `.ci/run` installs the first five. */
const PROGRAMS = {
  tshark: ['tshark', '--version'],
  python3: ['python3', '-c', 'import cryptography'], // the package too
  'g++': ['g++', '-fsyntax-only', '-x', 'c++', '-include', 'openssl/evp.h', '/dev/null'], // with the headers of OpenSSL
  chromium: ['chromium', '--version'],
  tcpdump: ['tcpdump', '--version'],
  go: ['go', 'version'],
  rustc: ['rustc', '--version'],
  javac: ['javac', '--version'],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]]>>

export type Program = keyof typeof PROGRAMS

/** Whether tests can use a program, under the PATH of `env`. */
export const isThere = (program: Program, env: NodeJS.ProcessEnv = process.env): boolean => {
  const [file, ...args] = PROGRAMS[program]
  return spawnSync(file, args, { stdio: 'ignore', env }).status === 0
}

/** The file that a program is, for whoever starts it by its path. Throws where it is not on the PATH. */
export const fileOf = (program: Program): string => {
  const files = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, PROGRAMS[program][0]))
  const found = files.find((f) => existsSync(f))
  if (found === undefined) throw new Error(`${program}: expected on the PATH, got nowhere`)
  return found
}

/**
 * The body of a test that runs `program`: `it('is read by Wireshark', needs('tshark', async () => { … }))`. Where the
 * program is missing the test is skipped, with a note that says so.
 */
export const needs =
  (program: Program, body: () => void | Promise<void>) =>
  (context: TestContext): void | Promise<void> => {
    if (!isThere(program)) context.skip(`needs ${PROGRAMS[program].join(' ')} to succeed`)
    return body()
  }

/** Called by vitest when all tests ended: one line about what was not run. The gate, which shows no output, is spared it. */
export const teardown = (): void => {
  if (process.send !== undefined) return
  const missing = (Object.keys(PROGRAMS) as Program[]).filter((p) => !isThere(p))
  if (missing.length > 0)
    process.stdout.write(`Tests that need ${missing.join(' and ')} were skipped: not installed.\n`)
}

/** Every program by name that a test, or whoever reads a report, may have beyond Node. */
const HIDDEN =
  /^(tshark|tcpdump|wireshark|python|pypy|chrom|google-chrome|firefox|g\+\+|gcc|c\+\+|cc$|cpp|clang|proverif|opam|go$|rustc|javac?$)/

/** A PATH of one folder, filled with links to all that the PATH has except those programs: a machine without them. */
export const hiddenPath = (folder: string): string => {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((f) => existsSync(f))
  const files = folders.flatMap((f) => readdirSync(f).map((name) => ({ name, target: join(f, name) })))
  const first = new Map(files.toReversed().map(({ name, target }) => [name, target])) // the first on the PATH wins
  for (const [name, target] of first) if (!HIDDEN.test(name)) symlinkSync(target, join(folder, name))
  return folder
}
