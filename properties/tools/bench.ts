/**
 * `npm run bench`: what checking costs, what adapters cost, what three ways to compute an HMAC cost, and what a server costs
 * beside an echo, as ratios within one run, because absolute times on a shared machine mean little. Each figure is the
 * median of interleaved rounds of this process's own CPU time, without helpers of the collector, like the processes that
 * play for `prop`, so per core; with an adapter also of the program's own, and of the server its own alone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { explore } from '../../spec/checker/explore.ts'
import { scope } from '../../spec/checker/scope.ts'
import { fingerprint, Seen } from '../../spec/checker/tables.ts'
import type { Event } from '../../spec/events.ts'
import type { Action, End, FrameRef, Schedule } from '../../spec/language.ts'
import * as implementation from '../../src/index.ts'
import { speedText } from '../checks/soak/check.ts'
import { problemsOf } from '../checks/soak/figures.ts'
import { OPTIONS, Soak } from '../checks/soak/soak.ts'
import { AT_ONCE } from '../harness/campaign/campaign.ts'
import { modelSystem, underModel } from '../harness/parties/model-crypto.ts'
import { partyNamed, srcSystem, systemFor } from '../harness/parties/party-file.ts'
import { partyOf } from '../harness/parties/src.ts'
import { loadVariant, type Replacement } from '../harness/process/variants.ts'
import { command, main } from '../harness/terminal/command.ts'
import { UsageError } from '../harness/terminal/options.ts'
import { counting, type ProgressLine } from '../harness/terminal/progress.ts'
import { median, n, right, table } from '../harness/terminal/text.ts'
import { monitorSetFor, Player, play, playAll } from '../harness/world/play.ts'
import { type System, systemOf } from '../harness/world/system.ts'
import { newNames } from '../harness/world/wire.ts'

const c = (n: number): End => ({ side: 'client', n })
const s = (n: number): End => ({ side: 'server', n })
const of = (by: End, nth: number): FrameRef => ({ by, nth })
const send = (frame: FrameRef, to: End): Action => ({ do: 'deliver', frame, to })

/** Twelve primitive actions: a handshake, two rounds, a replay that ends the session, a new run with its handshake. */
const ACTIONS: readonly Action[] = [
  { do: 'connect', client: 0 },
  send(of(c(0), 0), s(0)),
  send(of(s(0), 0), c(0)),
  { do: 'submit', run: 0, values: [10, 20] },
  send(of(c(0), 1), s(0)),
  send(of(s(0), 1), c(0)),
  { do: 'submit', run: 0, values: [30] },
  send(of(c(0), 2), s(0)),
  send(of(s(0), 2), c(0)),
  send(of(c(0), 2), s(0)),
  { do: 'connect', client: 1 },
  send(of(c(1), 0), s(1)),
]

const schedule = (seed: number): Schedule => ({
  version: 1,
  seed,
  mode: 'bound',
  powers: 'N',
  setup: { clients: [1, 2], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions: ACTIONS,
})

/** The bodies of `digest` and `sha256` in src/hmac.ts, and others that keep digests out of text. */
const buffer: readonly Replacement[] = [
  {
    file: 'src/hmac.ts',
    find: `  const text = hash('sha256', data, 'binary')
  for (let i = 0; i < HASH_BYTES; i++) to[at + i] = text.charCodeAt(i)
`,
    replace: "  to.set(hash('sha256', data, 'buffer'), at)\n",
  },
  {
    file: 'src/hmac.ts',
    find: `  const bytes = new Uint8Array(HASH_BYTES)
  digest(data, bytes, 0)
  return bytes
`,
    replace: `  const bytes = hash('sha256', data, 'buffer')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, HASH_BYTES)
`,
  },
]
const library: readonly Replacement[] = [
  {
    file: 'src/crypto.ts',
    find: '  hmac,\n',
    replace: "  hmac: (key, data) => plain(createHmac('sha256', key).update(data).digest()),\n",
  },
  {
    file: 'src/crypto.ts',
    find: 'createDecipheriv, randomFillSync',
    replace: 'createDecipheriv, createHmac, randomFillSync',
  },
]
/** Three ways to HMAC-SHA256; the last one is that of src/hmac.ts. */
const KEPT = 'one-shot hash through text'
const WAYS: Readonly<Record<string, readonly Replacement[]>> = {
  createHmac: [...buffer, ...library],
  'one-shot hash to a buffer': buffer,
  [KEPT]: [],
}

const EACH = 300
const EACH_BY_ADAPTER = 100
const ROUNDS = 9

/** Microseconds of this process's own CPU time. */
const cpu = (work: () => void): number => {
  const start = process.cpuUsage()
  work()
  const used = process.cpuUsage(start)
  return used.user + used.system
}

const TICK = 10_000 // µs of a clock tick, in which the system counts

/** µs of CPU time that the groups of processes have used that this one has started; 0 where there is no /proc. */
const usedByPrograms = (): number => {
  const all = (existsSync('/proc') ? readdirSync('/proc') : []).flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return []
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [, parent, group, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return [{ pid, parent: Number(parent), group, ticks: Number(more[8]) + Number(more[9]) }]
    } catch {
      return [] // it has ended
    }
  })
  const own = new Set(all.filter((p) => p.parent === process.pid).map((p) => p.pid))
  return all.filter((p) => own.has(p.group!)).reduce((sum, p) => sum + TICK * p.ticks, 0)
}

const schedules =
  (one: (seed: number) => void, each = EACH, elsewhere = () => 0) =>
  (): number => {
    const before = elsewhere()
    const used = cpu(() => {
      for (let i = 0; i < each; i++) one(i)
    })
    return (used + elsewhere() - before) / each
  }

const nothing = (_: Event): void => {}
const checked = (system: System) => schedules((seed) => void play(schedule(seed), system))

const ADAPTERS = {
  'in Python': 'python3 properties/examples/stranger.py',
  'in JavaScript': 'node --import tsx properties/examples/adapter.mjs',
}
/** Both sides by this program. Throws a UsageError where it cannot be started: what does not play is fast. */
const adapter = async (command: string): Promise<() => number> => {
  const system = await systemFor(partyNamed({ party: null, 'party-cmd': command, side: 'both' }))
  if (system.kind === 'bad') throw new UsageError(system.why)
  const monitorSet = monitorSetFor('N', system.value)
  const some = (first: number): void => {
    const seeds = Array.from({ length: AT_ONCE }, (_, i) => first + i)
    const jobs = seeds.map((seed) => ({ schedule: schedule(seed), events: [], names: newNames(), monitorSet }))
    const [found] = playAll(jobs, system.value).flatMap((p) => p.findings)
    if (found !== undefined) throw new Error(`${command}: ${JSON.stringify(found)}`)
  }
  const ask = schedules((i) => some(i * AT_ONCE), EACH_BY_ADAPTER / AT_ONCE, usedByPrograms)
  return () => ask() / AT_ONCE
}
const unjudged = schedules((seed) => {
  for (const _ of new Player(schedule(seed), srcSystem, nothing).play());
})

const modelled = modelSystem(implementation)
const model = schedules((seed) => void underModel(() => play(schedule(seed), modelled)))

const PAIRS = 64
const BATCHES = 40
const VALUES = [10, 20]

/** What a round costs the core of the server, sockets apart: a DATA of two values taken and answered. */
const serverRounds = ({ ClientSession, Server, nodeCrypto, nodeRng, frame }: typeof implementation) => {
  const common = { mode: 'bound', crypto: nodeCrypto } as const
  const masterKey = new Uint8Array(16)
  const pairs = Array.from({ length: PAIRS }, () => {
    const [up, down]: [Uint8Array[], Uint8Array[]] = [[], []]
    const port = (queue: Uint8Array[]) => ({
      send: (bytes: Uint8Array) => queue.push(frame.withPrefix(bytes)) > 0,
      report: () => {},
    })
    const server = new Server({ ...common, keyring: new Map([[1, masterKey]]) })
    const connection = server.open(port(down), nodeRng, 0)
    const client = new ClientSession({ ...common, id: 1, masterKey, rng: nodeRng }, port(up))
    const serve = (): void => {
      for (const bytes of up.splice(0)) server.receive(connection, bytes, 0)
    }
    const answer = (): void => {
      for (const bytes of down.splice(0)) client.receive(bytes)
    }
    client.start(0)
    serve()
    answer()
    return { client, serve, answer }
  })
  return (): number => {
    let used = 0
    for (let batch = 0; batch < BATCHES; batch++) {
      for (const { client } of pairs) client.submit(VALUES, 0)
      used += cpu(() => {
        for (const { serve } of pairs) serve()
      })
      for (const { answer } of pairs) answer()
    }
    return used / (BATCHES * PAIRS)
  }
}

const SCOPE = scope('1x2x2x2', { powers: 'NLF' })

/** µs a state: the model exhausted with all monitors; and as many transitions that do nothing but look up a fingerprint. */
const exploring = () => {
  const { states, transitions, bytes } = explore(SCOPE)
  const print = new Int32Array(2)
  const inserting = (): void => {
    const seen = new Seen()
    for (let i = 0; i < transitions; i++) {
      fingerprint(i % states, 0, 0, 0, print)
      seen.add(print[0]!, print[1]!, i % 16)
    }
  }
  return {
    states,
    transitions,
    bytes,
    explored: (): number => cpu(() => void explore(SCOPE)) / states,
    inserted: (): number => cpu(inserting) / states,
  }
}

const SERVED = OPTIONS.parse({ hostile: '0' })

/** The server over TCP, each burst of rounds beside the echo of its frames. Throws where something was not as it must be. */
const serving = async (): Promise<string> => {
  const { signal } = new AbortController()
  const run = new Soak(SERVED, signal)
  await run.run()
  const [problem] = problemsOf(run.figures)
  if (problem !== undefined) throw new Error(`soak: ${problem.text}`)
  return [
    `the server over TCP, ${SERVED.clients} clients x ${SERVED.rounds} rounds in another process`,
    speedText(run.figures),
  ].join('\n')
}

type Measured = ReadonlyMap<string, readonly number[]>

/** µs of each question, round by round. */
const measure = async (line: ProgressLine, space: ReturnType<typeof exploring>): Promise<Measured> => {
  const show = counting(line)
  const questions: [name: string, ask: () => number][] = [
    ['checked', checked(srcSystem)],
    ['unjudged', unjudged],
    ['model', model],
  ]
  for (const [name, program] of Object.entries(ADAPTERS)) questions.push([name, await adapter(program)])
  for (const [name, replacements] of Object.entries(WAYS)) {
    const src = await loadVariant(replacements)
    questions.push([`${name}: checked`, checked(systemOf(name, partyOf(src), partyOf(src)))])
    questions.push([`${name}: round`, serverRounds(src)])
  }
  const { explored, inserted } = space
  questions.push(['explored', explored], ['inserted', inserted])
  const figures = new Map(questions.map(([name]) => [name, [] as number[]]))
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, ask] of questions) {
      const figure = ask()
      if (round > 0) figures.get(name)!.push(figure) // the first is warm-up
      show(round * questions.length, (ROUNDS + 1) * questions.length, 'measurements')
    }
  return figures
}

const report = (figures: Measured, { states, transitions, bytes }: ReturnType<typeof exploring>): string => {
  const us = (name: string): number => median(figures.get(name)!)
  const perSecond = (name: string): string => `${n(Math.round(1e6 / us(name)))}`
  /** The median of the ratios within each round. */
  const ratio = (a: string, b: string): string =>
    median(figures.get(a)!.map((figure, round) => figure / figures.get(b)![round]!)).toFixed(2)
  return [
    `schedules of ${ACTIONS.length} actions, bound, real cryptography, ${ROUNDS} rounds of ${EACH}`,
    table(
      ['', ...right('a second and core', 'cost')],
      [
        ['with all monitors', perSecond('checked'), ratio('checked', 'unjudged')],
        ['without monitors', perSecond('unjudged'), '1.00'],
        ['with all monitors, under model cryptography', perSecond('model'), ratio('model', 'unjudged')],
      ],
    ),
    '',
    `the same with all monitors where an adapter plays both sides, ${ROUNDS} rounds of ${EACH_BY_ADAPTER}`,
    table(
      ['', ...right('a second and core', 'cost')],
      [
        ['in this process', perSecond('checked'), '1.00'],
        ...Object.keys(ADAPTERS).map((name) => [`an adapter ${name}`, perSecond(name), ratio(name, 'checked')]),
      ],
    ),
    '',
    'HMAC-SHA256, cost relative to that of src/hmac.ts: a checked schedule, a round at the server',
    table(
      ['', ...right('schedule', 'a second', 'round', 'µs of CPU')],
      Object.keys(WAYS).map((name) => {
        const [schedule, round] = [`${name}: checked`, `${name}: round`]
        return [
          name,
          ratio(schedule, `${KEPT}: checked`),
          perSecond(schedule),
          ratio(round, `${KEPT}: round`),
          us(round).toFixed(1),
        ]
      }),
    ),
    '',
    `the model with all monitors: ${n(states)} states of ${(bytes / states).toFixed(1)} bytes in the table and the queue, ${n(transitions)} transitions`,
    table(
      ['', ...right('states a second and core', 'transitions', 'cost')],
      (['explored', 'inserted'] as const).map((name) => [
        name === 'explored' ? name : 'as many fingerprints looked up in the same table',
        perSecond(name),
        n(Math.round((1e6 / us(name)) * (transitions / states))),
        ratio(name, 'inserted'),
      ]),
    ),
  ].join('\n')
}

await main(
  command({
    name: 'bench',
    options: z.strictObject({}),
    notes: `What checking costs: schedules a second with and without the monitors, and with adapters on both sides (needs /proc and \
python3 with cryptography); what three ways to compute an HMAC cost a schedule and a round at the server; what exploring the model costs \
beside its table; what a round costs a server of 100 clients over TCP beside the echo of its frames and its cryptographic calls.
Costs are ratios within one run, medians of ${ROUNDS} rounds, for a quiet machine.
Exit codes: 0 measured, 2 usage.`,
    async run(_, { say, progress }) {
      const line = progress()
      const space = exploring()
      const figures = await measure(line, space)
      line.clear()
      say(report(figures, space))
      say(`\n${await serving()}`)
      return 0
    },
  }),
)
