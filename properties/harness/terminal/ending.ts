/** How a command ends: with its answer, whatever the code that it has loaded did to this process. */
import { fstatSync, writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { altered } from '../process/realm.ts'
import { thrown } from './text.ts'

const UNANSWERED = 4

let exit = (code: number): never => process.exit(code)
/** How to end where code under test might have replaced that. */
export const exitBy = (how: typeof exit): void => {
  exit = how
}

const shared = globalThis as { [at: symbol]: { (): void; said?: true } | undefined }
const LOADED = Symbol.for('gauntlet: loaded') // of start.mjs

/**
 * What descriptor 1 is: whoever closes it gets the next file that is opened in its place. As big integers, since Node 20
 * takes the plain figures of a pipe, where they were the last to be asked for, for those of what an import leads to.
 */
const output = (): string => {
  try {
    const { dev, ino } = fstatSync(1, { bigint: true })
    return `${dev} ${ino}`
  } catch {
    return ''
  }
}
const first = output()

const acts: (() => void)[] = []
let answer: number | null = null
/** What the command came to, before all of it has left. */
let outcome: number | null = null
let loaded = false

const act = (): void => {
  for (const one of acts.splice(0)) {
    try {
      one()
    } catch {} // the others, and the answer, come first
  }
}
process.on('exit', act)

/** Done last, whichever way this process ends. */
export const atEnd = (one: () => void): void => {
  acts.push(one)
}

/** From here on the command answers for how its process ends; until here start.mjs did, where that has started it. */
export const begin = (): void => {
  loaded = true
  shared[LOADED]?.()
}

const complain = (text: string): void => {
  try {
    writeSync(2, `${text}\n`)
  } catch {} // nobody listens
}

/** Nobody else is asked: listeners of 'exit' may be of the code under test. */
export const end = (code: unknown): never => {
  act()
  if (answer === null && !shared[LOADED]?.said)
    complain(
      `the process ended with code ${code} before there was an answer${loaded ? '' : ': while its modules were loaded'}`,
    )
  return exit(answer ?? UNANSWERED)
}

/**
 * A reader that has seen enough (`| head`) is no error, and does not change a code that is known by then; where nobody can
 * read it, nothing has been answered.
 */
export const endWithoutReader = (): void => {
  process.stdout.on('error', (e: NodeJS.ErrnoException) => {
    if (e.code !== 'EPIPE') complain(`standard output: ${e.message}`)
    answer = e.code === 'EPIPE' ? (outcome ?? 0) : UNANSWERED
    end(answer)
  })
}

/**
 * Ends this process with the exit code that the command resolves with, when everything it said has left. One that ends
 * before, whoever ended it and with whatever code, does not end well.
 */
export const answering = async (command: () => Promise<number>): Promise<never> => {
  process.on('exit', (code) => answer ?? end(code))
  process.on('uncaughtExceptionMonitor', (e) => {
    const at = /^ +at .*?([^ (]*:\d+):\d+\)?$/m.exec(e?.stack ?? '')?.[1]
    complain(`thrown outside of any call: ${thrown(e).split('\n')[0]}${at === undefined ? '' : ` (${at})`}`)
  })
  outcome = await command()
  for (const out of [process.stdout, process.stderr])
    if (out.writableLength > 0) await new Promise((resolve) => out.write('', resolve))
  await setImmediate() // an error of the last write is told later
  const changed = output() === first ? altered() : 'standard output was closed before everything was said'
  if (changed !== null) complain(changed)
  answer = changed === null ? outcome : UNANSWERED
  return end(answer)
}
