/** The `prop` command: replays what is stored, or one file of it, then plays many schedules and decides. */
import { availableParallelism } from 'node:os'
import { factsOf, type Means, type Replayed } from '../../harness/campaign/players.ts'
import { partyNamed, twinNamed } from '../../harness/parties/party-file.ts'
import { typed } from '../../harness/parties/typed.ts'
import { replayAside, replayCorpus } from '../../harness/schedules/replay.ts'
import { command, main, type Screen } from '../../harness/terminal/command.ts'
import { invocationWith } from '../../harness/terminal/invocation.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import { counting } from '../../harness/terminal/progress.ts'
import { runForPerson, STOPPED, stopping } from '../check.ts'
import { type PropOptions, prop, propAtLength } from './check.ts'
import { explain } from './explain.ts'
import { twins } from './twin.ts'

/** The check, red whatever the random schedules show. */
const beside = (check: typeof prop, text: string): typeof prop => ({
  ...check,
  async run(o, c) {
    const outcome = await check.run(o, c)
    return { ...outcome, problems: [{ kind: 'failed', text: `${text} (listed first)` }, ...outcome.problems] }
  },
})

const run = async (o: PropOptions, screen: Screen, signal: AbortSignal): Promise<number> => {
  const stopped = (): number => {
    screen.say('interrupted: stopped before any schedule of this run was played')
    return STOPPED
  }
  const tell = ({ code, lines }: Replayed): number => {
    if (signal.aborted) return stopped()
    if (code === 2) throw new UsageError(lines.join('\n'))
    screen.say(lines.join('\n'))
    return code
  }
  if (o.explain !== null) {
    screen.say(o.explain.map((id) => explain(id, screen.columns).join('\n')).join('\n\n'))
    return 0
  }
  const twin = twinNamed(o)
  const means: Means = { party: partyNamed(o), twin, processes: availableParallelism(), signal }
  if (o.replay !== null)
    return tell(
      await replayAside(o.replay, means, { colour: process.stdout.isTTY, columns: screen.columns, crypto: o.crypto }),
    )
  if (twin !== null) return await runForPerson(twins, o, screen, signal)
  const loaded = await factsOf(means.party)
  if (loaded.kind === 'bad') throw new UsageError(loaded.why)
  const asked = o.verbose ? propAtLength : prop
  if (o.chunk !== null) return await runForPerson(asked, o, screen, signal)
  const again = `${invocationWith('prop')}${typed(means.party)}`
  const line = screen.progress()
  const replayed = await replayCorpus(means, again, screen.paint, counting(line))
  line.clear()
  const stored = tell(replayed)
  if (signal.aborted) return stored
  return await runForPerson(stored === 0 ? asked : beside(asked, replayed.lines.at(-1)!), o, screen, signal)
}

await main(command({ ...prop, run: (o, screen) => stopping((signal) => run(o, screen, signal)) }))
