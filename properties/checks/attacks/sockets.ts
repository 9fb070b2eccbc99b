/** The attacks over real sockets, one after another in a process of their own (over-tcp.ts). */
import type { Mode } from '../../../spec/language.ts'
import type { AttackResult, NamedAttack } from '../../harness/attack/perform.ts'
import { lostBy, runPool } from '../../harness/process/pool.ts'
import { beside } from '../../harness/process/programs.ts'
import { printable } from '../../harness/terminal/text.ts'

export interface Job {
  readonly attack: NamedAttack
  readonly mode: Mode
  readonly columns: number | undefined
}

/** Over this attack the process of the server, and of the clients, was lost. */
export interface Lost {
  readonly name: string
  readonly why: string
}

const PATIENCE_MS = 60_000 // for an attack, however loaded the machine
const MEMORY_MB = 1_024

/**
 * Plays attacks one after another over real sockets, each against a server of its own in this mode, in a process of
 * their own, until the signal says so. `done` hears of each as it ends.
 */
export const runAttacks = async (
  mode: Mode,
  attacks: readonly NamedAttack[],
  done: (r: AttackResult) => void = () => {},
  { columns, signal }: { readonly columns?: number | undefined; readonly signal?: AbortSignal } = {},
): Promise<{ readonly results: readonly AttackResult[]; readonly lost: readonly Lost[] }> => {
  const results: AttackResult[] = []
  const lost: Lost[] = []
  await runPool<Job, AttackResult>(
    attacks.map((attack) => ({ attack, mode, columns })),
    {
      worker: beside('worker', import.meta.url),
      processes: 1,
      patienceMs: PATIENCE_MS,
      memoryMb: MEMORY_MB,
      ...(signal && { signal }),
    },
    {
      done(fate, { attack: { name } }) {
        if (fate.kind !== 'done') lost.push({ name, why: printable(lostBy(fate)) })
        else {
          results.push(fate.result)
          done(fate.result)
        }
      },
    },
  ).catch((e: unknown) => {
    if (!signal?.aborted) throw e
  })
  return { results, lost }
}
