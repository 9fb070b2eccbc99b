/** Over TCP: a peer that shuts down sending gets what it asked for; peers that all speak at once share the turns. */
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { frame, nodeCrypto } from '../index.ts'
import { hello, KEYRING } from '../testkit.ts'
import { listen } from './server.ts'
import { cleanups, peer, teller, up } from './testkit.ts'
import { SLICE } from './turns.ts'

test('a HELLO and an end of stream: the CHALLENGE comes', async () => {
  const { port, ends } = await up()
  const one = await peer(port, 1)
  one.session.start(0)
  one.socket.end()
  expect(await one.heard('challenge')).toMatchObject({ kind: 'accepted' })
  await one.ended()
  expect(ends()).toEqual(['1 closed'])
})

test.each([1, 130, 511])('DATA of %d values and an end of stream: the answer comes', async (length) => {
  const { port, ends } = await up()
  const one = await peer(port, 1)
  await one.confirm()
  one.session.submit(new Array<number>(length).fill(2), 0)
  one.socket.end() // the longest frame takes five turns, in the first of which the end is there
  expect(await one.heard('aggregate')).toMatchObject({
    content: { aggregate: { sum: 2 * length, count: length, average: 2 } },
  })
  await one.ended()
  expect(ends()).toEqual(['1 closed'])
})

test('whatever all peers send at once, a turn works on no more than a slice of it, and on whoever was first', async () => {
  const peers = 100
  const bytes = frame.withPrefix(hello())
  let turn = 0
  let counting: NodeJS.Immediate | null = null
  const count = () => {
    turn++
    counting = setImmediate(count)
  }
  const turns: number[] = [] // in which each HELLO was worked on
  const order: number[] = []
  const done = teller<string>()
  const listening = await listen(
    {
      mode: 'bound',
      keyring: KEYRING,
      crypto: nodeCrypto,
      host: '127.0.0.1',
      port: 0,
      limits: { unconfirmedPerId: peers },
    },
    (e) => {
      if (e.kind === 'connected' && e.connection === peers) done.tell('connected')
      if (e.kind !== 'outcome' || e.outcome.kind !== 'accepted') return
      turns.push(turn)
      order.push(e.connection)
      if (turns.length === peers) done.tell('worked')
    },
  )
  if (listening.kind === 'failed') throw listening.error
  cleanups.push(listening.stop)
  const sockets = Array.from({ length: peers }, () => connect(listening.port, '127.0.0.1').on('error', () => {}))
  cleanups.push(() => sockets.map((s) => s.destroy()))
  await done.until((d) => d === 'connected')
  count()
  for (const socket of sockets) socket.write(bytes)
  await done.until((d) => d === 'worked')
  clearImmediate(counting!)
  const inOne = Math.max(...turns.map((t) => turns.filter((other) => other === t).length))
  // Counted from one immediate to the next, a turn may see the end of one slice and the beginning of another.
  expect(inOne).toBeLessThanOrEqual(2 * Math.ceil(SLICE / bytes.length))
  expect([...order].sort((a, b) => a - b)).toEqual(order)
})
