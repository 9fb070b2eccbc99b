/** The keyring that a command asks for. */
import { DEMO_KEYRING, type Keyring, keyringFrom } from '../../src/cli/keyring.ts'
import { UserError } from '../../src/cli/options.ts'
import { UsageError } from './terminal/options.ts'

interface Keys {
  readonly keyring: Keyring
  readonly warning: string | null // what its owner ought to know
}

/** The keyring of `--keys`; `demo`, and for null too, is the one that everybody knows. Throws a UsageError. */
export const keysFrom = (file: string | null): Keys => {
  if (file === 'demo') return { keyring: DEMO_KEYRING, warning: null }
  try {
    return keyringFrom(file ?? undefined)
  } catch (e) {
    throw e instanceof UserError ? new UsageError(e.message) : e
  }
}
