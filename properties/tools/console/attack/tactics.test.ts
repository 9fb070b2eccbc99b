import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, type Serving, serving } from '../testkit.ts'

describe('the tactics, in bound', () => {
  let server: Serving
  beforeAll(async () => {
    server = await serving()
  })
  afterAll(() => server.stop())

  it.each<[string, readonly string[], RegExp]>([
    [
      'replay',
      ['client 1 10,20 30', 'replay f2'],
      /s0 answers KEY_DESYNC_ERROR and closes; stale-round: that round has ended, the session is in round 3/,
    ],
    [
      'replay of a session',
      ['client 1 10', 'replay f0 new', 'replay f2 s1'],
      /s1 answers SERVER_CHALLENGE;(.|\n)*s1 answers KEY_DESYNC_ERROR and closes; bad-tag/,
    ],
    ['replay to a client', ['client 1 10', 'replay f1'], /c0 is TERMINATED and closes; stale-round/],
    [
      'modify a byte',
      ['middle 1', 'rest', 'submit c0 1', 'modify f2 flip ciphertext 3 80'],
      /ciphertext\[3\] .* \^= 80(.|\n)*s0 answers KEY_DESYNC_ERROR and closes; bad-tag/,
    ],
    [
      'modify a field',
      ['client 1', 'modify f0 set direction 2 to new'],
      /direction := 2(.|\n)*s1 closes without a frame; wrong-direction/,
    ],
    ['cut', ['client 1', 'modify f0 cut 72 to new'], /s1 closes without a frame; malformed: whole cipher blocks/],
    [
      'cut below a frame',
      ['client 1', 'modify f0 cut 70 to new'],
      /s1 closes without a frame; malformed: a length prefix outside 71\.\.4167/,
    ],
    [
      'extend',
      ['client 1', `modify f0 extend ${'00'.repeat(16)} to new`],
      /extended by 00(.|\n)*s1 closes without a frame; bad-tag/,
    ],
    ['corrupt keys: reverse', ['client 1', 'corrupt c0 reverse'], /s0 answers KEY_DESYNC_ERROR and closes; bad-tag/],
    [
      'corrupt keys: zero, the MAC key',
      ['client 1', 'corrupt c0 zero mac'],
      /s0 answers KEY_DESYNC_ERROR and closes; bad-tag/,
    ],
    [
      'corrupt keys: xor, the ENC key',
      ['client 1', 'corrupt c0 xor 5a enc'],
      /s0 answers KEY_DESYNC_ERROR and closes; bad-pa(dding|yload)/,
    ],
    ['corrupt keys: custom', ['client 1', 'corrupt c0 custom 0102'], /s0 answers KEY_DESYNC_ERROR and closes; bad-tag/],
    [
      'wrong round',
      ['client 1 5', 'round c0 +2'],
      /s0 answers KEY_DESYNC_ERROR and closes; future-round: the session is in round 2/,
    ],
    [
      'old round',
      ['client 1 5', 'round c0 -1'],
      /s0 answers KEY_DESYNC_ERROR and closes; stale-round: that round has ended, the session is in round 2/,
    ],
    ['reflect', ['client 1', 'reflect f1'], /s0 answers KEY_DESYNC_ERROR and closes; wrong-direction/],
    ['reflect to a client', ['client 1', 'reflect f0'], /c0 is TERMINATED and closes; wrong-direction/],
    ['impersonate', [`impersonate 1 ${'00'.repeat(16)}`], /s0 closes without a frame; bad-tag/],
    [
      'impersonate nobody',
      [`impersonate 9 ${'00'.repeat(16)}`],
      /s0 closes without a frame; wrong-client: the keyring has no client 9/,
    ],
    [
      'craft an opcode',
      ['client 1', 'craft s0 opcode=99'],
      /s0 answers KEY_DESYNC_ERROR and closes; unknown-opcode: 99/,
    ],
    [
      'craft an illegal one',
      ['client 1', 'craft s0 opcode=hello'],
      /s0 answers KEY_DESYNC_ERROR and closes; out-of-phase: CLIENT_HELLO is not legal/,
    ],
    [
      'craft a payload',
      ['client 1', 'craft s0 body=values:NaN'],
      /s0 answers KEY_DESYNC_ERROR and closes; bad-payload/,
    ],
    [
      'craft a padding',
      ['client 1', 'craft s0 pad=000000000000'],
      /s0 answers KEY_DESYNC_ERROR and closes; bad-padding/,
    ],
    ['craft a broken tag', ['client 1', 'craft s0 tag=broken'], /s0 answers KEY_DESYNC_ERROR and closes; bad-tag/],
    ['craft a tag', ['client 1', `craft s0 tag=${'ab'.repeat(32)}`], /s0 answers KEY_DESYNC_ERROR and closes; bad-tag/],
    [
      'craft under old keys',
      ['client 1 1', 'craft s0 keys=previous'],
      /s0 answers KEY_DESYNC_ERROR and closes; bad-tag/,
    ],
    [
      'craft under the keys of another',
      ['client 1', 'client 2', 'craft s0 as=c1 id=1'],
      /s0 answers KEY_DESYNC_ERROR and closes; bad-tag/,
    ],
    [
      'craft a HELLO',
      ['craft new opcode=hello id=3 keys=initial'],
      /s0 answers SERVER_CHALLENGE; the frame passes every check/,
    ],
    [
      'craft what is right',
      ['client 1', 'craft s0 body=values:4,5'],
      /sum 9 of 2(.|\n)*s0 answers SERVER_AGGR_RESPONSE; the frame passes every check/,
    ],
    [
      'craft a TERMINATE',
      ['client 1', 'craft s0 opcode=terminate'],
      /s0 closes without a frame; the frame passes every check(.|\n)*never answered/,
    ],
    [
      'craft a bad TERMINATE',
      ['client 1', 'craft s0 opcode=terminate round=9'],
      /s0 closes without a frame; future-round(.|\n)*a 50 or 60 is never answered/,
    ],
    [
      'craft for a client',
      ['client 1', 'craft c0 opcode=desync'],
      /c0 is TERMINATED and closes; the frame passes every check/,
    ],
    ['raw bytes', ['raw new 00000046'], /s0 closes without a frame; malformed: a length prefix outside/],
    ['half a frame', ['raw new 00000047aabb'], /s0 waits: 6 bytes are no whole frame yet/],
    [
      'what comes too late',
      ['client 1', 'middle 1', 'rest', 'submit c1 1', 'rest', 'submit c0 2'],
      /s0 answers TERMINATE and closes; superseded: a newer session of this client is confirmed/,
    ],
    [
      'flood',
      ['client 1', 'replay f0 new', 'replay f0 new', 'replay f0 new', 'replay f0 new'],
      /s0 got TERMINATE: it gave way/,
    ],
    ['speak to the dead', ['client 1', 'reflect f1', 'replay f0 s0'], /s0 has ended: TERMINATED is final/],
  ])('%s', async (_, lines, said) => {
    const { code, out } = await run(['--port', String(server.port)], lines)
    expect(out).toMatch(said)
    expect(out).not.toContain('NOT as PROTOCOL')
    expect(code).toBe(0)
  })
})
