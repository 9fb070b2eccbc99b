/** The `attack` command, apart from the process around it. */
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { orComplain, UserError } from '../../../../src/cli/options.ts'
import { type Terminal, warn } from '../../../../src/cli/terminal.ts'
import { mustHold } from '../../../harness/attack/perform.ts'
import { frameText } from '../../../harness/attack/print.ts'
import { printStored } from '../../../harness/schedule-file.ts'
import type { Prompter } from '../prompter.ts'
import { Attacker, type Outcome } from './attacker.ts'
import { COMMANDS, type Command, parseCommand } from './command.ts'
import { menuOf } from './menu.ts'
import { ATTACK_USAGE, parseAttackOptions } from './options.ts'
import { storedFrom } from './saving.ts'
import { type Happened, Scene, standing, type Target } from './scene.ts'
import { captured, frameLines } from './show.ts'
import { breaches, bystanders, fates, type Said } from './why.ts'

export interface Surroundings {
  readonly terminal: Terminal
  readonly prompter: () => Prompter
  /** True: whoever types can mend a bad command. False: a script, which ends there. */
  readonly forgiving: boolean
  readonly freshSeed: () => number
  /** Resolves when the command is to stop. */
  readonly stop: Promise<unknown>
}

const PATIENCE_MS = 5_000

/** Resolves with the code of the error where nobody can be reached; null: somebody listens there. */
const reach = ({ host, port }: Target): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS })
    const done = (why: string | null): void => {
      socket.destroy()
      resolve(why)
    }
    socket.on('connect', () => done(null))
    socket.on('timeout', () => done('ETIMEDOUT'))
    socket.on('error', (e: NodeJS.ErrnoException) => done(e.code ?? e.message))
  })

/** Attacks until there are no more commands. Resolves with the exit code. */
export const attack = (argv: readonly string[], around: Surroundings): Promise<number> =>
  orComplain(around.terminal, async () => {
    const { terminal } = around
    const parsed = parseAttackOptions(argv, around.freshSeed)
    if (parsed === 'help') {
      terminal.out(`${ATTACK_USAGE}\n\n${COMMANDS}`)
      return 0
    }
    const { target, warning } = parsed
    const why = await reach(target)
    if (why !== null)
      throw new UserError(`--host, --port: expected a server, got none at ${target.host}:${target.port} (${why})`)
    if (warning !== null) warn(terminal, warning)
    terminal.out(`attacking ${target.host}:${target.port}, mode ${target.mode}, seed ${target.seed}`)
    const session = new Session(new Scene(target), terminal)
    const prompter = around.prompter()
    void around.stop.then(() => prompter.close())
    try {
      return await converse(session, prompter, around.forgiving)
    } finally {
      prompter.close()
      session.leave()
    }
  })

const converse = async (session: Session, prompter: Prompter, forgiving: boolean): Promise<number> => {
  for (;;) {
    await session.meanwhile()
    const line = await prompter.next(() => session.menu())
    if (line === null) return session.code
    const command = parseCommand(line)
    const why = command.kind === 'bad' ? command.why : await session.run(command.value)
    if (command.kind === 'ok' && command.value.do === 'quit') return session.code
    if (why === null) continue
    if (!forgiving) throw new UserError(why)
    session.complain(why)
  }
}

class Session {
  readonly #attacker: Attacker
  readonly #terminal: Terminal
  readonly #saved = new Set<string>() // files that this session wrote, and may write again
  #odd = false

  constructor(scene: Scene, terminal: Terminal) {
    this.#attacker = new Attacker(scene)
    this.#terminal = terminal
  }

  get code(): 0 | 1 {
    return this.#odd ? 1 : 0
  }

  menu() {
    return menuOf(this.#attacker)
  }

  leave(): void {
    this.#attacker.scene.leave()
  }

  complain(why: string): void {
    this.#terminal.err(this.#terminal.paintErr('red', why))
  }

  /** Tells what the server did while nobody did anything. */
  async meanwhile(): Promise<void> {
    const happened = await this.#attacker.scene.meanwhile()
    if (happened.events.length > 0) this.#tell({ happened, terse: true })
  }

  /** Null, or why it cannot be done. */
  async run(c: Command): Promise<string | null> {
    const { scene } = this.#attacker
    const say = (lines: readonly string[]): null => {
      for (const line of lines) this.#terminal.out(line)
      return null
    }
    switch (c.do) {
      case 'frames': {
        const all = captured(scene)
        return say(all.length === 0 ? ['nothing was captured yet'] : all.map(frameText))
      }
      case 'who': {
        const all = [...scene.world.ledger.clients, ...scene.world.ledger.servers]
        return say(all.length === 0 ? ['nobody yet'] : all.map(standing))
      }
      case 'help':
        return say([COMMANDS])
      case 'quit':
        return null
      case 'save':
        return this.#save(c.file)
      case 'client':
      case 'submit':
      case 'finish':
      case 'replay':
      case 'modify':
      case 'reflect':
      case 'corrupt':
      case 'round':
      case 'impersonate':
      case 'craft':
      case 'raw':
      case 'middle':
      case 'decide':
      case 'close': {
        const { outcomes, why } = await this.#attacker.do(c)
        for (const o of outcomes) this.#tell(o)
        if (why !== null) return why
        const waiting = this.#attacker.middle.waiting[0]
        return waiting === undefined ? null : say([`waits: ${frameLines(scene, [waiting.id])[0]}`])
      }
    }
  }

  #tell({ happened, terse, note }: Outcome): void {
    const terminal = this.#terminal
    if (note !== undefined) terminal.out(`  ${note}`)
    const paint = (s: Said): string => (s.odd ? terminal.paintOut('red', s.text) : s.text)
    for (const line of happened.lines) terminal.out(`  ${line}`)
    const said = [...fates(happened, terse), ...bystanders(happened), ...this.#breaches(happened)]
    for (const s of said) terminal.out(`  ${paint(s)}`)
    this.#odd ||= said.some((s) => s.odd)
  }

  #breaches(h: Happened): readonly Said[] {
    const { mode } = this.#attacker.scene.target
    return breaches(h, mode, (id) => mustHold(id, mode))
  }

  #save(file: string): string | null {
    const { scene } = this.#attacker
    if (scene.done.length === 0) return 'save: expected something that was done, got nothing yet'
    const stored = storedFrom(scene)
    try {
      writeFileSync(file, printStored(stored), { flag: this.#saved.has(file) ? 'w' : 'wx' })
    } catch (e) {
      const code = (e as NodeJS.ErrnoException).code
      if (code === undefined) throw e
      return `save: expected a file that does not exist yet and can be written, got ${file} (${code})`
    }
    this.#saved.add(file)
    this.#terminal.out(`${stored.says}; play it again with npm run prop -- --replay ${file}`)
    this.#terminal.out(
      stored.attack === undefined
        ? 'npm run attacks has no use for it: no attack in it reached anybody'
        : `and npm run attacks -- ${file} (bound: ${stored.attack.expect.bound.outcome}, literal: ${stored.attack.expect.literal.outcome})`,
    )
    return null
  }
}
