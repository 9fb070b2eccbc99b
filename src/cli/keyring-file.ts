/** Keyrings on disk, and what to say about them. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { DEMO_KEYRING, type Keyring, parseKeyring } from './keyring.ts'
import { UserError } from './options.ts'

const MOST_BYTES = 256 * 1024 // 255 keys need less than 40 KiB

export interface Loaded {
  readonly keyring: Keyring
  readonly demo: boolean
  readonly warning: string | null // what its owner ought to know
}

/** The keyring of `--keys`, or without it the one that everybody knows. */
export const keyringFrom = (file: string | undefined): Loaded => {
  if (file === undefined) return { keyring: DEMO_KEYRING, demo: true, warning: DEMO_WARNING }
  const { text, permissions } = read(file)
  const parsed = parseKeyring(text)
  switch (parsed.kind) {
    case 'ok': {
      const open = permissions !== null && (permissions & 0o077) !== 0
      const warning = open ? `others may use ${file} (mode ${permissions.toString(8)}); chmod 600 ${file}` : null
      return { keyring: parsed.keyring, demo: false, warning }
    }
    case 'bad':
      throw new UserError(`--keys ${file}: ${parsed.problem}`)
  }
}

const DEMO_WARNING = 'DEMO KEYS: without --keys, clients 1-5 use keys printed in the source; nothing is secret.'

/** `permissions`: of a regular file, where files have them. */
const read = (file: string): { text: string; permissions: number | null } => {
  try {
    const stat = statSync(file)
    if (!stat.isFile() && !stat.isFIFO()) throw new UserError(`--keys: expected a file, got ${file}, which is none`)
    if (stat.size > MOST_BYTES)
      throw new UserError(`--keys ${file}: expected at most ${MOST_BYTES} bytes, got ${stat.size}`)
    const hasPermissions = stat.isFile() && process.platform !== 'win32'
    return { text: readFileSync(file, 'utf8'), permissions: hasPermissions ? stat.mode & 0o777 : null }
  } catch (e) {
    throw e instanceof UserError ? e : new UserError(`--keys: expected a readable file, got ${file} (${codeOf(e)})`)
  }
}

/** Writes a new file that only its owner can read; never over an old one. */
export const writePrivate = (file: string, text: string): void => {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
  } catch (e) {
    const code = codeOf(e)
    if (code === 'EEXIST') throw new UserError(`--out: expected a file that does not exist yet, got ${file}`)
    throw new UserError(`--out: expected a file that can be written, got ${file} (${code})`)
  }
}

/** The code of a system error; anything else is a bug and thrown on. */
const codeOf = (e: unknown): string => {
  if (e instanceof Error && 'code' in e && typeof e.code === 'string') return e.code
  throw e
}
