/** The options of `stryker`, checked. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import type { Parsed } from '../../harness/schedule-file.ts'
import { FILES } from './config.ts'

export interface Options {
  readonly files: readonly string[]
  readonly concurrency: number
  readonly again: boolean
}

export const USAGE = `npm run stryker -- [options]
  --only A,B        these files only: ${FILES.map((f) => f.replace('src/', '')).join(', ')}
  --concurrency N   test processes at a time (default 1)
  --again           judge the reports of the last run, without running
Exit codes: 0 as expected, 1 a survivor without explanation, or a wrong explanation, 2 usage.`

const bad = (why: string): Parsed<never> => ({ kind: 'bad', why })

export const parseOptions = (args: readonly string[]): Parsed<Options | 'help'> => {
  let values: { only?: string; concurrency?: string; again?: boolean; help?: boolean }
  try {
    const options = {
      only: { type: 'string' },
      concurrency: { type: 'string' },
      again: { type: 'boolean' },
      help: { type: 'boolean' },
    } as const
    values = parseArgs({ args: [...args], options, allowPositionals: false }).values
  } catch (e) {
    return bad((e as Error).message.split('\n')[0]!)
  }
  if (values.help) return { kind: 'ok', value: 'help' }
  const concurrency = Number(values.concurrency ?? '1')
  if (!Number.isInteger(concurrency) || concurrency < 1)
    return bad(`--concurrency: expected an integer from 1, got ${values.concurrency}`)
  const names = values.only?.split(',')
  const unknown = names?.find((n) => !FILES.some((f) => f === n || f === `src/${n}`))
  if (unknown !== undefined) return bad(`--only: expected files of ${FILES.join(', ')}, got ${unknown}`)
  const files = FILES.filter((f) => names?.some((n) => f === n || f === `src/${n}`) ?? true)
  return { kind: 'ok', value: { files, concurrency, again: values.again ?? false } }
}
