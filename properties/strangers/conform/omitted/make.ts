/**
 * What each case of conform shows of the reference without a rule: `node --import tsx
 * properties/strangers/conform/omitted/make.ts` writes table.ts. With `--check N` it plays one case in N without every
 * rule and compares. Exit codes: 0 written, or as the table says, 1 otherwise.
 */
import { fileURLToPath } from 'node:url'
import { omissions } from '../../../harness/explain/omitted.ts'
import { referenceParty } from '../../../harness/parties/reference.ts'
import { writeWhole } from '../../../harness/process/files.ts'
import { groupsBy } from '../../groups.ts'
import { alike } from '../card.ts'
import { NotJudged } from '../judge.ts'
import { OMITTED } from '../why.ts'
import { casesOf, played, SIDES, type Side } from './reference.ts'
import { standStill } from './still.ts'
import { GENERAL } from './table.ts'

const LITERAL = { id: 'literal', rules: ['bind-step', 'hello-step'], party: referenceParty, mode: 'literal' } as const // PROTOCOL §4
const omitted = [
  LITERAL,
  ...(await omissions()).filter((o) => o.rules.length > 0).map((o) => ({ ...o, mode: 'bound' as const })),
]

/** Its row in the table; null: the case does not fail. Throws NotJudged. */
const lineOf = async (side: Side, id: string, o: (typeof omitted)[number]): Promise<string | null> => {
  const { verdict, observed } = await played(side, id, o.party, o.mode)
  return verdict === 'failed' ? `${o.rules.join('+')}: ${alike(observed)}` : null
}

const orNotJudged = (e: unknown): null => {
  if (e instanceof NotJudged) return null // not even an honest conversation comes about
  throw e
}

interface Table {
  readonly text: string
  readonly general: readonly string[]
}

/** Of one side. What fails most cases fails honest clients too, and tells nothing of one case. */
const tableOf = async (side: Side): Promise<Table> => {
  const cases = casesOf(side)
  const lines = new Map(cases.map((id): [string, Set<string>] => [id, new Set()]))
  const general: string[] = []
  for (const o of omitted) {
    const own = new Map<string, string>()
    const all = async (): Promise<void> => {
      for (const id of cases) {
        const line = await lineOf(side, id, o)
        if (line !== null) own.set(id, line)
      }
    }
    await all().catch(orNotJudged)
    console.log(`${side} ${o.id}: ${own.size}`)
    if (own.size > cases.length / 2) general.push(`${side} ${o.id}`)
    else for (const [id, line] of own) lines.get(id)!.add(line)
  }
  const failed = [...lines].filter(([, all]) => all.size > 0)
  const same = groupsBy(failed, ([, all]) => [...all].map((line) => `\n  ${line}`).join(''))
  return { text: [...same].map(([rows, of]) => `${of.map(([id]) => id).join(' ')}${rows}`).join('\n'), general }
}

const HEAD = `/**
 * What cases of conform show of the reference without a rule: cases that show the same, then what each shows without which
 * rules. Written by make.ts.
 */
`

const write = async (): Promise<void> => {
  const [server, client] = [await tableOf('server'), await tableOf('client')]
  const names = [...server.general, ...client.general].map((name) => `'${name}'`).join(', ')
  const sides = [`  server: \`\n${server.text}\n\`,\n`, `  client: \`\n${client.text}\n\`,\n`].join('')
  const text = `${HEAD}export const FAILED_WITHOUT = {\n${sides}} as const\n
/** Omissions with which most cases fail: nothing is told of one case by them. */
export const GENERAL: readonly string[] = [${names}]
`
  writeWhole(fileURLToPath(new URL('./table.ts', import.meta.url)), text)
}

/** One case in `n`, without every rule. */
const check = async (n: number): Promise<boolean> => {
  let [cases, right] = [0, true]
  for (const side of SIDES) {
    for (const id of casesOf(side).filter((_, i) => i % n === 1 % n)) {
      const said = (OMITTED[side].get(id) ?? []).map(({ rules, seen }) => `${rules.join('+')}: ${seen}`)
      const got = new Set<string>()
      for (const o of omitted)
        if (!GENERAL.includes(`${side} ${o.id}`)) {
          const line = await lineOf(side, id, o).catch(orNotJudged)
          if (line !== null) got.add(line)
        }
      cases++
      if (said.join('\n') === [...got].join('\n')) continue
      right = false
      console.log(`${side} ${id}: the table says\n${said.join('\n')}\nit is\n${[...got].join('\n')}`)
    }
  }
  console.log(`${cases} cases: ${right ? 'as' : 'otherwise than'} the table says`)
  return right && cases > 0
}

standStill()
if (process.argv[2] === '--check') process.exit((await check(Number(process.argv[3] ?? 1))) ? 0 : 1)
await write()
process.exit(0)
