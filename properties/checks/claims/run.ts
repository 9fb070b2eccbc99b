/** The `claims` command: judges the claims, or stores the attacks that the model finds. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { printStored } from '../../harness/schedules/schedule-file.ts'
import { CORPUS } from '../../harness/schedules/stored.ts'
import { command, main, type Screen } from '../../harness/terminal/command.ts'
import { runForPerson } from '../check.ts'
import { claims, modelAttacks } from './check.ts'

/** The attacks of `literal` into the corpus, from where every run replays them. */
const store = ({ say }: Screen): number => {
  mkdirSync(new URL('model/', CORPUS), { recursive: true })
  for (const { name, stored } of modelAttacks()) {
    writeFileSync(new URL(`model/${name}.json`, CORPUS), printStored(stored))
    say(`corpus/schedules/model/${name}.json: ${stored.says}`)
  }
  return 0
}

await main(command({ ...claims, run: (o, screen) => (o.export ? store(screen) : runForPerson(claims, o, screen)) }))
