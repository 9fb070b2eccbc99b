/** The `prop` command: replays what is stored, or one file of it, then plays many schedules and decides. */
import { systemFor } from '../../harness/parties/party-file.ts'
import { type Replayed, replay, replayCorpus } from '../../harness/replay.ts'
import { command, main } from '../../harness/terminal/command.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import { runForPerson } from '../check.ts'
import { prop } from './check.ts'

await main(
  command({
    ...prop,
    async run(o, screen) {
      const tell = ({ code, lines }: Replayed): number => {
        if (code === 2) throw new UsageError(lines.join('\n'))
        screen.say(lines.join('\n'))
        return code
      }
      const loaded = await systemFor(o.party)
      if (loaded.kind === 'bad') throw new UsageError(loaded.why)
      if (o.replay !== null) return tell(replay(o.replay, loaded.value, screen.paint))
      const again = `npm run prop --${o.party === null ? '' : ` --party ${o.party}`}`
      const stored = tell(replayCorpus(loaded.value, o.party === null, again, screen.paint))
      return (await runForPerson(prop, o, screen)) || stored
    },
  }),
)
