/** One input in a process of its own, so that whatever it does, there is an answer. */
import type { Replacement } from '../../properties/harness/variants.ts'
import type { FromChild, Verdict } from './messages.ts'
import { order, STUCK, startChild } from './supervisor.ts'

export const probe = (
  target: string,
  data: Uint8Array,
  limitMs: number,
  replacements: readonly Replacement[] = [],
): Promise<Verdict> => {
  const child = startChild()
  const base64 = Buffer.from(data).toString('base64')
  order(child, { kind: 'probe', target, base64, replacements })
  return new Promise((resolve) => {
    let verdict: Verdict | null = null
    let timer: NodeJS.Timeout | undefined
    child.on('message', (said: FromChild) => {
      if (said.kind === 'ready')
        timer = setTimeout(() => {
          verdict = { fault: STUCK, detail: `it did not end within ${limitMs} ms` }
          child.kill('SIGKILL')
        }, limitMs)
      if (said.kind === 'ended') clearTimeout(timer)
      if (said.kind === 'probed') verdict = said.verdict
    })
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      const died = { kind: 'crash', reason: 'the process died', frames: [] } as const
      resolve(verdict ?? { fault: died, detail: `the process died: ${signal ?? `exit code ${code}`}` })
    })
  })
}
