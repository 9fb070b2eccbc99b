import { describe, expect, it } from 'vitest'
import type { Replacement } from '../../harness/process/variants.ts'
import { serveDialect } from '../../harness/target/servers.testkit.ts'
import { judged, named, other, read } from './judge.testkit.ts'
import { NotJudged } from './judge.ts'

/** It takes a DATA whose tag is wrong for a submission, and answers when the round is complete. */
const COUNTS_ALL: Replacement = {
  file: 'spec/dialects/server.ts',
  find: "    if (judgement.kind === 'bad') {\n",
  replace:
    "    if (judgement.kind === 'bad' && judgement.reason === 'bad-tag' && position.phase === 'ACTIVE') {\n      line.waitingSince = seconds\n      this.#answer(line, position.round)\n      return\n    }\n    if (judgement.kind === 'bad') {\n",
}

/** A round is complete when it has enough of the same round. */
const IN_STEP: Replacement = {
  file: 'spec/dialects/server.ts',
  find: 'const waiting = this.#waiting()\n',
  replace: 'const waiting = this.#waiting().filter((l) => l.position?.round === line.position?.round)\n',
}

/** It does not say what becomes of a DATA of another round, and answers nothing from then on. */
const IGNORES: Replacement = {
  file: 'spec/dialects/server.ts',
  find: "    if (judgement.kind === 'bad') {\n",
  replace:
    "    if (judgement.kind === 'bad' && judgement.reason === 'future-round') Object.assign(line, { stuck: true })\n    if ('stuck' in line) return\n    if (judgement.kind === 'bad') {\n",
}

describe('a server whose answers wait', { timeout: 60_000 }, () => {
  const cases = ['stream/two-in-one-piece', 'altered/tag-middle', 'replay/data'].map(named)
  const NO = { kind: 'no' } as const
  const FOUND = { waits: true, inStep: false }
  it.concurrent.each([
    ['barrier 3', { ...FOUND, clients: 3 }, []],
    ['all', { ...FOUND, clients: 2 }, []],
    ['barrier 2', { waits: true, inStep: true }, [IN_STEP]],
    ['barrier 2 0.8s', { waits: false, atOnce: true }, []],
    ['sleep 0.7s', { waits: false, atOnce: true }, []],
    ['window 0.7s', { waits: false, atOnce: true }, []],
  ])('%s: as its file says or not, it is judged, and what it takes is seen', async (waits, manners, how) => {
    const d = read('c', { server_waits_for_others: waits })
    const asked = waits === 'barrier 3' ? [...cases, named('errors/end-without-key')] : cases
    const right = await judged(await serveDialect(d, how), { ...d, waits: NO }, asked)
    expect(right.manners).toMatchObject(manners)
    expect(other(right)).toEqual([])
    const wrong = await judged(await serveDialect(d, [...how, COUNTS_ALL]), d, [named('altered/tag-middle')])
    expect(other(wrong)).toEqual(['failed altered/tag-middle K'])
  })

  it('which takes what it should not, and lets it wait for others of another round: that is not called fine', async () => {
    const d = read('c', { server_waits_for_others: 'barrier 2' })
    const j = await judged(await serveDialect(d, [IN_STEP, IGNORES]), d, [named('insider/round-far')])
    expect(other(j)).toEqual(['inconclusive insider/round-far I'])
  })

  it('for more clients than have keys is not judged', async () => {
    const d = read('c', { server_waits_for_others: 'barrier 6' })
    const problem = await judged(await serveDialect(d), d, cases).catch((e: unknown) => e)
    expect(problem).toEqual(
      new NotJudged(
        'the DATA of 5 honest clients, one after the other: silence; if it waits for more of them, --keys needs theirs',
      ),
    )
  })
})
