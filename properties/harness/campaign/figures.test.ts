import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseStored } from '../schedules/schedule-file.ts'
import { plan, scheduleOf } from './campaign.ts'
import { campaign, conclude, gather } from './figures.ts'
import { dropEarly } from './minimal.ts'
import { askOnce, factsOf } from './players.ts'
import { settingFor } from './setting.ts'

const PARTY = fileURLToPath(new URL('./trouble.fixture.ts', import.meta.url))
const scratch = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-campaign-'))

/** Two chunks, the first of which meets the trouble. */
const troubled = async (trouble: string, out = scratch(), runs = 8) => {
  Object.assign(process.env, { TROUBLE: trouble, TROUBLED: join(out, 'troubled') })
  const means = { out, processes: 1, patienceMs: 15_000, signal: new AbortController().signal, progress() {} }
  const own = await settingFor(null, ['bound'])
  const setting = { ...own, system: { ...own.system, name: 'trouble' }, party: PARTY }
  const chunks = plan(7, runs, ['bound'], ['replay', 'tamper'])
  return await campaign(chunks, { ...setting, again: ({ index }) => `again ${index}` }, means)
}
describe('nothing that a system does ends a campaign well', { timeout: 120_000 }, () => {
  it.each([
    ['exit', /its process ended with code 0$/],
    ['loop', /it does not end$/],
    ['print', /writes to standard output, which is not its own: as expected:\\u001b\[2J nothing broke$/],
  ])('%s: one chunk is lost, the others are played, and the schedule is kept', async (trouble, why) => {
    const out = scratch()
    const { figures, problems, whole } = await troubled(trouble, out)
    expect(problems.map((p) => p.kind)).toEqual(['error'])
    expect(problems[0]!.text).toMatch(/^chunk 0 \(bound, bias replay, seed -?\d+, schedules 0..3\) is lost/)
    expect(problems[0]!.text).toMatch(why)
    expect(problems[0]!.replay).toBe('again 0')
    expect(whole).toBe(false)
    expect(figures.distribution.tamper!.schedules).toBe(4)
    if (trouble === 'print') return
    const [name] = readdirSync(join(out, 'findings', 'trouble'))
    expect(problems[0]!.text).toContain(name)
    const stored = parseStored(name!, readFileSync(join(out, 'findings', 'trouble', name!), 'utf8'))
    const [chunk] = plan(7, 8, ['bound'], ['replay', 'tamper'])
    expect(stored).toMatchObject({ kind: 'ok', value: { schedule: scheduleOf(chunk!, 0) } })
  })

  it('recursion: an exception that escapes is a finding, printed where it cannot be saved', async () => {
    const { problems, figures, notes } = await troubled('recursion', '/dev/null')
    expect(problems.map((p) => p.kind)).toEqual(['violation'])
    expect(problems[0]!.text).toMatch(/^F1 in bound: .* an exception escaped/)
    expect(figures.counterexamples.map((c) => c.invariant)).toEqual(['F1'])
    expect(notes![0]).toMatch(/^F1 in bound could not be saved \((ENOTDIR|EACCES|EEXIST)/)
    expect(parseStored('printed', notes![1]!)).toMatchObject({ kind: 'ok', value: { violates: ['F1'] } })
  })

  it('shows what was found when it is stopped, and what a lost process had found', async () => {
    const stop = new AbortController()
    const out = scratch()
    const toy = fileURLToPath(new URL('../../examples/toy.ts', import.meta.url))
    const own = await settingFor(null, ['bound'])
    const setting = { ...own, system: { ...own.system, name: 'toy' }, party: toy, only: new Set(['S4']) }
    const folder = join(out, 'findings', 'toy')
    let early: readonly string[] = []
    const found = (): void => {
      early = readdirSync(folder) // before anybody makes it small, or loses it
      stop.abort()
    }
    const means = { out, processes: 1, signal: stop.signal, progress() {}, found }
    const gathered = await gather(plan(7, 250, ['bound'], ['replay']), setting, means)
    const { problems, figures } = await conclude([gathered], setting, means)
    expect(problems.map((p) => p.kind)).toEqual(['violation', 'interrupted'])
    expect(figures.counterexamples.map((x) => x.invariant)).toEqual(['S4'])
    expect(early).toEqual([expect.stringMatching(/^early-S4-bound-[0-9a-f]{8}\.json$/)])
    const small = expect.stringMatching(/^S4-bound-[0-9a-f]{8}\.json$/)
    expect(readdirSync(folder).sort()).toEqual([small, ...early]) // of seeds that are judged later
    dropEarly()
    expect(readdirSync(folder)).toEqual([small])
  })

  it('tells of everything that broke, in whatever way, where the process that makes it small is lost', async () => {
    const out = scratch()
    const [party, gone] = [join(out, 'gone.ts'), join(out, 'gone')]
    const toy = new URL('../../examples/toy.ts', import.meta.url).href
    writeFileSync(
      party,
      `import { existsSync } from 'node:fs'
import { server as toy } from '${toy}'
export const server = (...given) => {
  if (existsSync('${gone}')) process.exit(0)
  return toy(...given)
}
server.emits = toy.emits
`,
    )
    const own = await settingFor(party, ['bound'])
    const setting = { ...own, system: { ...own.system, name: 'gone' } }
    const means = { out, processes: 1, signal: new AbortController().signal, progress() {} }
    const gathered = await gather(plan(7, 60, ['bound'], ['replay', 'tamper']), setting, means)
    writeFileSync(gone, '')
    const { problems, figures } = await conclude([gathered], setting, means)
    dropEarly()
    const broken = figures.invariants.flatMap((i) => (i.bound.verdict === 'violated' ? [i.id] : []))
    expect(broken).toEqual(expect.arrayContaining(['S4', 'G1', 'G3', 'G6'])) // of two causes
    expect(figures.counterexamples.map((x) => x.invariant)).toEqual(broken)
    expect(problems.map((p) => p.text.split(' ')[0])).toEqual(broken)
    for (const p of problems) expect(p.text).toMatch(/got: not made smaller: its process ended with code 0$/)
  })

  it('says why a party does not load', async () => {
    const all = scratch()
    const file = join(all, 'dies.ts')
    writeFileSync(file, 'process.exit(0)')
    expect(await factsOf(file)).toMatchObject({ kind: 'bad', why: expect.stringMatching(/ended with code 0$/) })
  })

  it('and a replay of one schedule neither', async () => {
    Object.assign(process.env, { TROUBLE: 'exit', TROUBLED: join(scratch(), 'troubled') })
    const means = { party: PARTY, processes: 1, signal: new AbortController().signal }
    const name = fileURLToPath(new URL('../../../corpus/schedules/session-replay.json', import.meta.url))
    expect(await askOnce('replay', { name, colour: false }, means)).toMatchObject({
      kind: 'lost',
      why: 'its process ended with code 0',
    })
  })
})
