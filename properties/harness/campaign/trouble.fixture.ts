/**
 * A party that plays as src does, reports little of it, and does what the variable TROUBLE says: recursion at each chunk,
 * everything else at its third chunk and only once for all processes; that it did is a file of the name in TROUBLED.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { srcParty } from '../parties/src.ts'

const deeper = (): number => deeper() + 1

const TROUBLES: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(0),
  // Never ends, and takes no processor time from other tests.
  loop: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  print: () => console.log('as expected:\u001b[2J nothing broke'),
}

let received = 0

export const party: typeof srcParty = (host, setup) => {
  const made = srcParty(host, setup)
  const receive = made.receive.bind(made)
  return Object.assign(made, {
    receive(...given: Parameters<typeof receive>) {
      receive(...given)
      const { TROUBLE = '', TROUBLED = '' } = process.env
      if (TROUBLE === 'recursion') deeper()
      if (++received < 3 || existsSync(TROUBLED)) return
      writeFileSync(TROUBLED, '')
      TROUBLES[TROUBLE]!()
    },
    emits: ['accepted'] as const,
  })
}
