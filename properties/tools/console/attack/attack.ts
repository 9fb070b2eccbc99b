/** The `attack` command, apart from the process around it. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { z } from 'zod'
import { frameText } from '../../../harness/attack/frames.ts'
import { mustHold } from '../../../harness/attack/perform.ts'
import { printStored } from '../../../harness/schedule-file.ts'
import { type Command, command, type Screen } from '../../../harness/terminal/command.ts'
import { integer, modeOption, text, UsageError } from '../../../harness/terminal/options.ts'
import type { Prompter } from '../prompter.ts'
import { fileOption, keysFrom, type Surroundings, warn } from '../surroundings.ts'
import { ATTACK_VERBS, helpOf, menuOf, parseCommand, type Command as Typed } from '../verbs.ts'
import { Attacker, type Outcome } from './attacker.ts'
import { bystanders, type Remark, reactions, violations } from './explain.ts'
import { RemotePlay, standing, type Target } from './remote-play.ts'
import { storedFrom } from './saved.ts'

const options = z.strictObject({
  host: text({ value: 'ADDRESS', says: 'the server', default: '127.0.0.1' }),
  port: integer({ says: 'its port', min: 1, max: 65_535, default: 9999 }),
  keys: fileOption('its keyring: what a legitimate client or an insider has (default: the demo keys)'),
  mode: modeOption('bound or literal, as the server has it'),
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
    async run({ host, port, keys, mode, seed }, screen) {
      const { keyring, warning } = keysFrom(keys)
      const target = { host, port, mode, keyring, seed: seed ?? around.freshSeed() }
      const why = await unreachable(target)
      if (why !== null) throw new UsageError(`--host, --port: expected a server, got none at ${host}:${port} (${why})`)
      warn(screen, warning)
      screen.say(`attacking ${host}:${port}, mode ${mode}, seed ${target.seed}`)
      const play = new RemotePlay(target)
      const prompter = around.prompter(screen)
      void around.stop.then(() => prompter.close())
      try {
        return await converse(new Session(play, screen), prompter, around.interactive)
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

const converse = async (session: Session, prompter: Prompter, interactive: boolean): Promise<number> => {
  for (;;) {
    await session.meanwhile()
    const line = await prompter.next(() => session.menu())
    if (line === null) return session.code
    const typed = parseCommand(line, ATTACK_VERBS)
    if (typed.kind === 'ok' && typed.value.do === 'quit') return session.code
    const why = typed.kind === 'bad' ? typed.why : await session.run(typed.value)
    if (why === null) continue
    if (!interactive) throw new UsageError(why)
    session.complain(why)
  }
}

class Session {
  readonly #play: RemotePlay
  readonly #attacker: Attacker
  readonly #screen: Screen
  readonly #saved = new Set<string>() // files that this session wrote, and may write again
  #odd = false

  constructor(play: RemotePlay, screen: Screen) {
    this.#play = play
    this.#attacker = new Attacker(play)
    this.#screen = screen
  }

  get code(): 0 | 1 {
    return this.#odd ? 1 : 0
  }

  menu() {
    return menuOf(ATTACK_VERBS, this.#attacker.now)
  }

  complain(why: string): void {
    this.#screen.complain(this.#screen.paint(why, 'red'))
  }

  /** Shows what the server did while nobody did anything. */
  async meanwhile(): Promise<void> {
    const happened = await this.#play.meanwhile()
    if (happened.events.length > 0) this.#show({ happened, terse: true })
  }

  /** Null, or why it cannot be done. */
  async run(c: Typed): Promise<string | null> {
    const { frames, world } = this.#play
    switch (c.do) {
      case 'frames':
        return this.#list(frames().map(frameText), 'nothing was captured yet')
      case 'who':
        return this.#list([...world.ledger.clients, ...world.ledger.servers].map(standing), 'nobody yet')
      case 'help':
        return this.#list([helpOf(ATTACK_VERBS)], '')
      case 'quit':
        return null
      case 'save':
        return this.#save(c.file)
      default: {
        const { outcomes, why } = await this.#attacker.do(c)
        for (const o of outcomes) this.#show(o)
        if (why !== null) return why
        const waiting = this.#attacker.waiting.first
        return waiting === null ? null : this.#list([`waits: ${frameText(frames([waiting.id])[0]!)}`], '')
      }
    }
  }

  #list(lines: readonly string[], empty: string): null {
    for (const line of lines.length === 0 ? [empty] : lines) this.#screen.say(line)
    return null
  }

  #show({ happened, terse, note }: Outcome): void {
    const { mode } = this.#play.target
    if (note !== undefined) this.#screen.say(`  ${note}`)
    for (const line of happened.lines) this.#screen.say(`  ${line}`)
    const remarks: readonly Remark[] = [
      ...reactions(happened, terse),
      ...bystanders(happened),
      ...violations(happened, mode, (id) => mustHold(id, mode)),
    ]
    for (const r of remarks) this.#screen.say(`  ${r.odd ? this.#screen.paint(r.text, 'red') : r.text}`)
    this.#odd ||= remarks.some((r) => r.odd)
  }

  #save(file: string): string | null {
    if (this.#play.done.length === 0) return 'save: expected something that was done, got nothing yet'
    const stored = storedFrom(this.#play)
    try {
      writeFileSync(file, printStored(stored), { flag: this.#saved.has(file) ? 'w' : 'wx' })
    } catch (e) {
      const code = (e as NodeJS.ErrnoException).code
      if (code === undefined) throw e
      return `save: expected a file that does not exist yet and can be written, got ${file} (${code})`
    }
    this.#saved.add(file)
    const { says, attack } = stored
    this.#screen.say(`${says}; play it again with npm run prop -- --replay ${file}`)
    this.#screen.say(
      attack === undefined
        ? 'npm run attacks has no use for it: no attack in it reached anybody'
        : `and npm run attacks -- ${file} (bound: ${attack.expect.bound.outcome}, literal: ${attack.expect.literal.outcome})`,
    )
    return null
  }
}
