/** The `attack` command, apart from the process around it. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { z } from 'zod'
import { dialectOption, playable, spokenIn } from '../../../harness/target/dialects.ts'
import { keysFrom } from '../../../harness/target/keys.ts'
import { type Command, command } from '../../../harness/terminal/command.ts'
import { integer, modeOption, text, UsageError } from '../../../harness/terminal/options.ts'
import { printable } from '../../../harness/terminal/text.ts'
import { fileOption, type Surroundings, warn } from '../surroundings.ts'
import { ATTACK_VERBS, helpOf, menuOf, parseCommand } from '../verbs.ts'
import { Attacker } from './attacker.ts'
import { RemotePlay, type Target } from './remote-play.ts'

const options = z.strictObject({
  host: text({ value: 'ADDRESS', says: 'the server', default: '127.0.0.1' }),
  port: integer({ says: 'its port', min: 1, max: 65_535, default: 9999 }),
  keys: fileOption('its keyring: what a legitimate client or an insider has (default: the demo keys)'),
  mode: modeOption('bound or literal, as the server has it'),
  dialect: dialectOption,
  seed: integer({
    says: "of the clients' random bytes (default: a fresh one)",
    min: 0,
    max: 0xffffffff,
    default: null,
  }),
})

const NOTES = `Menus at a terminal; commands, a line each, from a pipe.
Exit codes: 0 all as PROTOCOL says, 1 something was not, 2 usage, or no server there.

${helpOf(ATTACK_VERBS)}`

/** Attacks until there are no more commands. */
export const attack = (around: Surroundings): Command<typeof options> =>
  command({
    name: 'attack',
    options,
    notes: NOTES,
    async run({ host, port, keys, mode: asked, dialect: given, seed }, screen) {
      const { keyring, warning } = keysFrom(keys, given !== null)
      const dialect = given === null ? null : playable(spokenIn(given, asked).dialect, `--dialect ${given}`)
      const mode = dialect === null ? asked : dialect.binding === 'bound' ? 'bound' : 'literal'
      const target = { host, port, mode, dialect, keyring, seed: seed ?? around.freshSeed() }
      const why = await unreachable(target)
      if (why !== null) throw new UsageError(`--host, --port: expected a server, got none at ${host}:${port} (${why})`)
      warn(screen, warning)
      const spoken = dialect === null ? `mode ${mode}` : `dialect ${dialect.name}`
      screen.say(`attacking ${printable(host)}:${port}, ${spoken}, seed ${target.seed}`)
      const play = new RemotePlay(target, screen.columns)
      const attacker = new Attacker(play, screen)
      const prompter = around.prompter(screen)
      void around.stop.then(() => prompter.close())
      try {
        for (;;) {
          await attacker.meanwhile()
          const line = await prompter.next(() => menuOf(ATTACK_VERBS, attacker.now))
          if (line === null) return attacker.code
          try {
            const typed = parseCommand(line, ATTACK_VERBS)
            if (typed.do === 'quit') return attacker.code
            await attacker.do(typed)
          } catch (e) {
            if (!(e instanceof UsageError && around.interactive)) throw e
            screen.complain(screen.paint(printable(e.message), 'red'))
          }
        }
      } finally {
        prompter.close()
        play.leave()
      }
    },
  })

const PATIENCE_MS = 5_000

/** Resolves with the code of the error where nobody can be reached; null: somebody listens there. */
const unreachable = async ({ host, port }: Target): Promise<string | null> => {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) })
    return null
  } catch (e) {
    const { name, code, message } = e as NodeJS.ErrnoException
    return name === 'AbortError' ? 'ETIMEDOUT' : (code ?? message)
  } finally {
    socket.destroy()
  }
}
