/** `npm run adapter-check`: tries an adapter of spec/ADAPTER.md in a few seconds, and says what is still missing. */
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { CAPABILITIES, REPORTS, type Started } from '../../spec/adapter.ts'
import type { Event } from '../../spec/events.ts'
import { MODES, type Mode, type Schedule, type Side } from '../../spec/language.ts'
import { CHECKS } from '../harness/judging/examine.ts'
import { stopAdapters } from '../harness/parties/child.ts'
import { partyNamed, setupOf, systemFor } from '../harness/parties/party-file.ts'
import { adapterSays, refusesUnknown } from '../harness/parties/stdio.ts'
import { command, main, type Screen } from '../harness/terminal/command.ts'
import { invocationWith } from '../harness/terminal/invocation.ts'
import { plural, wordsOf } from '../harness/terminal/text.ts'
import { Player, play } from '../harness/world/play.ts'
import type { System } from '../harness/world/system.ts'

const ROUNDS = 2

/** Two clients that talk faithfully, one after the other; then the first again, whose old session gives way. */
const honest = (mode: Mode): Schedule => ({
  version: 1,
  seed: 1,
  mode,
  powers: 'N',
  setup: { clients: [1, 2], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions: [
    { do: 'converse', client: 0, rounds: ROUNDS },
    { do: 'converse', client: 1, rounds: ROUNDS },
    { do: 'close', at: { side: 'client', n: 0 } },
    { do: 'converse', client: 0, rounds: ROUNDS },
  ],
})

/** What is wrong with an honest conversation, and all that happened in it. */
const converse = (mode: Mode, system: System): { readonly wrong: string | null; readonly trace: string } => {
  const events: Event[] = []
  const { findings } = play(honest(mode), system, (e) => events.push(e))
  const fault = events.find((e) => e.on === 'fault')
  const short = events.find((e) => e.on === 'conversed' && e.done < e.asked)
  const found = findings[0] === undefined ? null : `${findings[0].invariant}: ${findings[0].why}`
  const done = short?.on === 'conversed' ? `expected ${short.asked} rounds to be answered, got ${short.done}` : null
  return { wrong: (fault?.on === 'fault' ? fault.error : null) ?? found ?? done, trace: JSON.stringify(events) }
}

/** What is wrong where honest conversations are held at the same time. */
const converseTogether = (system: System, sameBytes: boolean): string | null => {
  const traces = MODES.map((): Event[] => [])
  const make = MODES.map((mode, i) => () => new Player(honest(mode), system, (e) => traces[i]!.push(e)).play())
  const failed = system.together!(make)
  const other = sameBytes && MODES.find((mode, i) => JSON.stringify(traces[i]) !== converse(mode, system).trace)
  return failed ?? (other ? `expected in ${other} what happens to it alone, got something else` : null)
}

const WHY: Readonly<Record<(typeof CAPABILITIES)[number], string>> = {
  rng: 'schedules replay to the byte only with it',
  tick: 'timers are not judged',
  finish: 'clients never end by themselves',
  startRound: 'the last rounds are not reached, and no state is judged',
  restart: 'a restart is another init',
  view: '',
  ahead: 'a call and its answer are then all its lines: a third of them',
  batch: 'many schedules are played at once: half of the time, with ahead and restart',
}

/** What one side alone is asked for. */
const ONLY: Partial<Record<(typeof CAPABILITIES)[number], Side>> = { finish: 'client', restart: 'server' }

/** What a role could still have, the most useful first. */
const missing = ({ emits, can }: Started, side: Side): readonly string[] => {
  const could = CAPABILITIES.filter((c) => !can.includes(c) && c !== 'view' && (ONLY[c] ?? side) === side)
  const first = could.map((c) => `can ${c}: ${WHY[c]}`)
  const more = REPORTS.filter((e) => !emits.includes(e)).map((e) => {
    const ids = CHECKS.filter((c) => c.needs.includes(e)).map((c) => c.id)
    const need = `${plural(ids.length, 'invariant')} ${ids.length === 1 ? 'needs' : 'need'} it`
    return `emits ${e}: ${need} (${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ', …' : ''})`
  })
  return [...first, ...more]
}

/** One role; the number of mistakes. */
const tryRole = async (cmd: string, side: Side, started: Started, say: (ok: boolean, text: string) => void) => {
  say(true, `${side}: emits ${started.emits.join(', ')}; can ${started.can.join(', ') || 'nothing more'}`)
  say(refusesUnknown(cmd, setupOf(side)), `${side}: an unknown call is answered {"unsupported":true}`)
  const loaded = await systemFor(partyNamed({ party: null, 'party-cmd': cmd, side }))
  if (loaded.kind === 'bad') return say(false, loaded.why)
  for (const mode of MODES) {
    const first = converse(mode, loaded.value)
    say(
      first.wrong === null,
      `${side}, ${mode}: an honest conversation${first.wrong === null ? '' : `: ${first.wrong}`}`,
    )
    if (first.wrong !== null || !started.can.includes('rng')) continue
    const second = converse(mode, loaded.value)
    say(first.trace === second.trace, `${side}, ${mode}: the same calls give the same bytes after init`)
    if (mode === 'literal') continue
    stopAdapters(cmd)
    say(first.trace === converse(mode, loaded.value).trace, `${side}, ${mode}: and in a new process`)
  }
  if (loaded.value.together === undefined) return
  const wrong = converseTogether(loaded.value, started.can.includes('rng'))
  say(wrong === null, `${side}: several conversations at once${wrong === null ? '' : `: ${wrong}`}`)
}

/** Resolves with the exit code. */
const tryAdapter = async (cmd: string, { say, paint }: Pick<Screen, 'say' | 'paint'>): Promise<number> => {
  let wrong = 0
  const tell = (ok: boolean, text: string): void => {
    if (!ok) wrong++
    say(`${ok ? paint('✓', 'green') : paint('✗', 'red')} ${text}`)
  }
  const lacks: string[] = []
  let roles = 0
  try {
    for (const side of ['server', 'client'] as const) {
      const started = adapterSays(cmd, setupOf(side))
      if (started === null) {
        lacks.push(`${side}: it does not play this role, so the reference does`)
        continue
      }
      roles++
      await tryRole(cmd, side, started, tell)
      lacks.push(...missing(started, side).map((m) => `${side}: ${m}`))
    }
    if (roles === 0) tell(false, 'expected it to play the server or the client, got unsupported for both')
  } catch (e) {
    tell(false, wordsOf(e))
  } finally {
    stopAdapters(cmd)
  }
  if (lacks.length > 0) say('still missing, the most useful first:')
  for (const l of lacks) say(`  ${l}`)
  say(wrong === 0 ? `usable: ${invocationWith('prop')} --party-cmd '${cmd}'` : `NOT usable (${wrong})`)
  return wrong === 0 ? 0 : 1
}

export const adapterCheck = command({
  name: 'adapter-check',
  options: z.strictObject({}),
  rest: { value: "'COMMAND'", says: 'what starts an adapter (spec/ADAPTER.md) in a shell, in quotes', needed: true },
  notes: 'Exit codes: 0 it can be used, 1 something is wrong, 2 usage.',
  run: (_, screen, [cmd]) => tryAdapter(cmd!, screen),
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(adapterCheck)
