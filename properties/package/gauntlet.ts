#!/usr/bin/env node
/** The `gauntlet` command of the package: every subcommand is a program of its own, loaded when it is asked for. */
import { main } from '../harness/terminal/command.ts'
import { fitted } from '../harness/terminal/text.ts'

interface Program {
  readonly says: string
  run(): Promise<unknown>
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  prop: {
    says: 'random adversarial schedules against your implementation, judged by every invariant',
    run: () => import('../checks/prop/run.ts'),
  },
  gate: {
    says: 'everything there is to ask of your implementation, with a report about it',
    run: () => import('../gate/party-run.ts'),
  },
  'adapter-check': {
    says: 'tries a program that speaks spec/ADAPTER.md, and says what is missing',
    run: async () => main((await import('../tools/adapter-check.ts')).adapterCheck),
  },
  infer: {
    says: 'the dialect that two strangers speak, from what passes between them',
    run: async () => main((await import('../strangers/infer/run.ts')).inferCommand),
  },
  judge: {
    says: 'the invariants on what passed between clients and a server: a capture, or as it passes',
    run: async () => main((await import('../strangers/judge/run.ts')).judgeCommand),
  },
  conform: {
    says: 'a scorecard of a server, or a client, over TCP, in any dialect',
    run: async () => main((await import('../strangers/conform/run.ts')).conform),
  },
  learn: {
    says: 'the state machine of a server, as a picture, and how it differs from the one expected',
    run: async () => main((await import('../strangers/learn/run.ts')).learn),
  },
  attacks: {
    says: 'twenty attacks over real sockets on our server, or on yours, drawn and explained',
    run: () => import('../checks/attacks/run.ts'),
  },
  attack: { says: 'attacks a server of this protocol by hand', run: () => import('../tools/console/run.ts') },
  mitm: {
    says: 'stands between real clients and a real server of this protocol',
    run: () => import('../tools/console/run.ts'),
  },
  decode: {
    says: 'prints a transcript or a capture, frame by frame',
    run: async () => main((await import('../tools/decode.ts')).decode),
  },
}

const HELP = [
  'npx gauntlet COMMAND [options]',
  'npx gauntlet COMMAND --help says which, and what its exit codes mean',
  ...Object.entries(PROGRAMS).map(([name, { says }]) => `  ${name.padEnd(15)}${says}`),
  'What is about the code of Gauntlet itself (its tests, its own gate, mutants,',
  'fuzzing, model and proof, soak, vectors, server and client) is run in its',
  'repository.',
].join('\n')

const [name = '--help', ...rest] = process.argv.slice(2)
const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
if (name === '--help' || name === '-h') process.stdout.write(`${fitted(HELP, 80)}\n`)
else if (program === undefined) {
  process.stderr.write(`expected a command, one of ${Object.keys(PROGRAMS).join(', ')}, got ${JSON.stringify(name)}\n`)
  process.exitCode = 2
} else {
  const way = name === 'attack' || name === 'mitm' ? [name] : [] // two ways of one program
  process.argv = [process.argv[0]!, process.argv[1]!, ...way, ...rest]
  await program.run()
}
