/**
 * Every IV of a server and its clients over TCP, and the random part of every CHALLENGE, was given by the generator of
 * the system, and none twice. src/cli/lives.test.ts asks the same of processes.
 */
import { expect, test, vi } from 'vitest'
import { oddities, Source } from '../csprng.testkit.ts'
import { frame, type Outcome } from '../index.ts'
import { unhex } from '../testkit.ts'
import { join, up } from './testkit.ts'

vi.mock('node:crypto', async () => (await import('../csprng.testkit.ts')).watched)

const ROUNDS = 60

test('in every frame: HELLO, CHALLENGE, DATA, answer, TERMINATE of either side', async () => {
  const { port, events, stop } = await up()
  const clients = [await join(port, 1), await join(port, 2), await join(port, 3)]
  for (let round = 1; round <= ROUNDS; round++) await Promise.all(clients.map((c) => c.submit(round)))
  clients[0]!.run.finish()
  await clients[0]!.gone()
  await Promise.all([stop(), clients[1]!.gone(), clients[2]!.gone()])

  const accepted = (outcomes: readonly Outcome[]) => outcomes.flatMap((o) => (o.kind === 'accepted' ? [o] : []))
  const atServer = accepted(events.told.flatMap((e) => (e.kind === 'outcome' ? [e.outcome] : [])))
  const atClients = accepted(clients.flatMap((c) => c.outcomes.told))
  const kinds = (all: readonly { content: { kind: string } }[]) =>
    Object.fromEntries(
      [...new Set(all.map((o) => o.content.kind))].map((k) => [k, all.filter((o) => o.content.kind === k).length]),
    )
  expect(kinds(atServer)).toEqual({ hello: 3, data: 3 * ROUNDS, terminate: 1 })
  expect(kinds(atClients)).toEqual({ challenge: 3, aggregate: 3 * ROUNDS, terminate: 2 })

  const source = new Source()
  const texts = atClients.flatMap(({ content: c }) =>
    c.kind === 'challenge' ? [unhex(/[0-9a-f]{32}$/.exec(c.text)![0])] : [],
  )
  for (const ivs of [atServer, atClients].map((all) => all.map((o) => frame.ivOf(o.frame)))) {
    expect(ivs.filter((iv) => !source.take(iv))).toEqual([])
    expect(oddities(ivs)).toEqual([])
  }
  expect(texts.filter((text) => !source.take(text))).toEqual([])
})
