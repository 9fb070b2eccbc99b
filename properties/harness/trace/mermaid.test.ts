import { expect, it } from 'vitest'
import { srcSystem } from '../parties/party-file.ts'
import { CORPUS, readStored } from '../schedules/stored.ts'
import { mermaid } from './mermaid.ts'
import { trace } from './trace.ts'

it('draws a schedule with the clients on the left, the adversary, the connections, and what broke last', () => {
  const file = readStored('session-replay.json', new URL('session-replay.json', CORPUS))
  if (file.kind === 'bad') throw new Error(file.why)
  const lines = mermaid(trace(file.value.schedule, srcSystem, { invariant: 'A2', why: 'twice; #1' })).split('\n')
  expect(lines.slice(0, 5)).toEqual([
    'sequenceDiagram',
    '  participant c0 as c0 (client 1)',
    '  participant net as adversary',
    '  participant s0',
    '  participant s1',
  ])
  expect(lines).toContain('  c0->>net: CLIENT_HELLO r0 · f0')
  expect(lines).toContain('  net->>s1: CLIENT_HELLO r0 · f0, accepted')
  expect(lines.some((l) => l.startsWith('  Note over c0: the user of c0 submits'))).toBe(true)
  expect(lines.at(-1)).toBe('  Note over net: ✗ A2: twice#59; #35;1') // as Mermaid wants both
})
