import { describe, expect, it } from 'vitest'
import type { Replacement } from '../../../harness/process/variants.ts'
import { spokenIn } from '../../../harness/target/dialects.ts'
import { ANSWERS_ALL, serveDialect } from '../../../harness/target/servers.testkit.ts'
import { run, stops } from '../testkit.ts'

const against = async (name: string, lines: readonly string[], bugs: readonly Replacement[] = []) => {
  const server = await serveDialect(spokenIn(name, 'bound').dialect, bugs)
  stops.push(() => server.stop())
  return run(['--port', String(server.port), '--dialect', name], lines)
}

describe('npm run attack on a stranger', { timeout: 30_000 }, () => {
  it('plays clients and tactics in its dialect, and judges no reaction that the dialect sets', async () => {
    const { code, out } = await against('a', ['client 1 10 20', 'replay f2', 'client 2 5', 'round c1 +2', 'frames'])
    expect(out).toContain('dialect a, seed 7')
    expect(out).toMatch(/> client 1 10 20\n(.*\n)*.*SERVER_AGGR_RESPONSE r2 .*average 20/)
    expect(out).toMatch(/s0 answers opcode 52 and closes; stale-round$/m)
    expect(out).toMatch(/s1 answers opcode 53 and closes; future-round$/m)
    expect(out).toMatch(/^f2 +CLIENT_DATA r1 +client 1 .* {2}values 10$/m)
    expect(out).not.toContain('NOT as')
    expect(code).toBe(0)
  })

  it.each([
    ['replay of a session', ['client 1 10', 'replay f0 new', 'replay f2 s1'], /A2 is broken: s1 .*PROTOCOL §9 says so/],
    ['corrupt keys: MAC', ['client 1', 'corrupt c0 zero mac'], /s0 closes without a frame; bad-tag/],
    ['corrupt keys: ENC', ['client 1', 'corrupt c0 xor 5a enc'], /s0 closes without a frame; bad-pa(dding|yload)/],
    ['impersonate', [`impersonate 1 ${'ab'.repeat(16)}`], /s0 closes without a frame; bad-tag/],
    ['seal', ['client 1', 'seal s0 opcode=response'], /s0 closes without a frame; out-of-phase/],
    ['seal with a broken tag', ['client 1', 'seal s0 opcode=data tag=broken'], /s0 closes without a frame; bad-tag/],
    ['seal as a client', ['client 1', 'seal s0 opcode=data body=values:4'], /SERVER_AGGR_RESPONSE r1 .*sum 4/],
    ['modify', ['client 1', 'modify f0 set direction 2 to new'], /s1 closes without a frame; wrong-direction/],
  ])('%s in dialect b', async (_, lines, expected) => {
    const { out } = await against('b', lines)
    expect(out).toMatch(expected)
    expect(out).not.toContain('NOT as')
  })

  it('sees a bug that was planted there', async () => {
    const lines = ['middle 1', 'rest', 'submit c0 1', 'flip tag 0']
    expect((await against('a', lines)).code).toBe(0)
    const { code, out } = await against('a', lines, [ANSWERS_ALL])
    expect(code).toBe(1)
    expect(out).toContain('NOT as PROTOCOL §6: it is answered as what passes every check')
    expect(out).toContain('C1 is broken: s0 accepted a frame that nobody sent')
  })
})
