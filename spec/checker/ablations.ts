/**
 * Every rule of the protocol taken out of the model, to show that each carries weight: without it a verdict of the
 * explorer must change. The rules have no switches; as for mutants, text of spec/model is replaced when it is loaded
 * (properties/harness/judging/ablations.test.ts).
 */

/** `find` stands exactly once in `file` of spec/model. */
export interface Cut {
  readonly file: 'checks.ts' | 'client.ts' | 'keys.ts' | 'server.ts' | 'step.ts'
  readonly find: string
  readonly replace: string
}

export interface Ablation {
  /** The rule that is taken out, with its clause of PROTOCOL. */
  readonly says: string
  readonly cuts: readonly Cut[]
}

/** The rule that is taken out, by what it says, and the texts that go. */
const rule = (says: string, ...cuts: readonly Cut[]): Ablation => ({ says, cuts })
const cut = (file: Cut['file'], find: string, replace: string): Cut => ({ file, find, replace })

export const ABLATIONS = {
  'hello-step': rule(
    '§4: S2C keys absorb the HELLO before the CHALLENGE is sealed (bound)',
    cut(
      'keys.ts',
      'return [c2sEnc, c2sMac, absorb(s2cEnc), absorb(s2cMac)]',
      'return [c2sEnc, c2sMac, s2cEnc, s2cMac]',
    ),
  ),
  'c2s-keys-at-hello': rule(
    '§4: the client’s C2S keys leave round 0 when its HELLO is built (bound)',
    cut('keys.ts', 's2cMac] = evolveC2S(symbols, keys, hello)', 's2cMac] = keys'),
    cut(
      'keys.ts',
      "symbols.setup.mode === 'literal' ? evolve(symbols, keys, hello, answer) : evolveS2C(symbols, keys, answer)",
      'evolve(symbols, keys, hello, answer)',
    ),
  ),
  'bind-step': rule(
    '§4: all four keys absorb HELLO and CHALLENGE after round 0 (bound)',
    cut('keys.ts', "if (symbols.setup.mode === 'literal') return keys // no bind step", 'return keys'),
  ),
  'evolve-c2s-enc': rule(
    '§4: C2S-ENC absorbs the ciphertext of the client’s frame',
    cut('keys.ts', 'evolved(symbols, c2sEnc, request.ciphertext)', 'c2sEnc'),
  ),
  'evolve-c2s-mac': rule(
    '§4: C2S-MAC absorbs the IV of the client’s frame',
    cut('keys.ts', 'evolved(symbols, c2sMac, request.iv)', 'c2sMac'),
  ),
  'evolve-s2c-enc': rule(
    '§4: S2C-ENC absorbs the aggregate',
    cut('keys.ts', 'evolved(symbols, s2cEnc, answer)', 's2cEnc'),
  ),
  'evolve-s2c-mac': rule(
    '§4: S2C-MAC absorbs the status',
    cut('keys.ts', 'evolved(symbols, s2cMac, STATUS_OK)', 's2cMac'),
  ),
  'commit-on-hand-over': rule(
    '§4: the server commits only when the answer was handed over',
    cut(
      'server.ts',
      "if (conn.failing) return end(undone(so, conn), conn, 'fault') // §4: the CHALLENGE cannot be handed over",
      '',
    ),
    cut(
      'server.ts',
      'confirmed: false, sent: [challenge] }',
      'confirmed: false, sent: conn.failing ? [] : [challenge], failing: false }',
    ),
    cut('server.ts', 'sent(next, challenge)', 'conn.failing ? unsent(conn) : sent(next, challenge)'),
    cut(
      'server.ts',
      "if (conn.failing) return end(undone(so, conn), conn, 'fault') // §4: the response cannot be handed over",
      '',
    ),
    cut(
      'server.ts',
      'sent: [...conn.sent, response] }',
      'sent: conn.failing ? conn.sent : [...conn.sent, response], failing: false }',
    ),
    cut('server.ts', 'sent(next, response)', 'conn.failing ? unsent(conn) : sent(next, response)'),
  ),
  'client-commits-late': rule(
    '§4: sending moves nothing on the client',
    cut(
      'client.ts',
      '{ ...run, outstanding: data,',
      "{ ...run, keys: run.keys!.map((t, i) => symbols.term('evolve', t, [data.ciphertext, data.iv, symbols.term('plain'), '00'][i])), outstanding: data,",
    ),
  ),
  'errors-under-current-keys': rule(
    '§4: an error frame is sealed under the keys as they were',
    cut(
      'server.ts',
      'const keys = conn.keys! // §4',
      "const keys = conn.keys!.map((t, i) => symbols.term('evolve', t, [conn.hello.ciphertext, conn.hello.iv, symbols.plain({ kind: 'control' }), '00'][i])) // §4",
    ),
  ),
  'wrong-client': rule(
    '§6: the client id is the session’s',
    cut('checks.ts', 'if (!known) return', 'if (!known && e.id === null) return'),
  ),
  'wrong-direction': rule(
    '§6: the direction is the one this side receives',
    cut('checks.ts', "if (direction !== receivedBy(e.at.side)) return rejected('wrong-direction')", ''),
  ),
  'stale-round': rule(
    '§6: an earlier round is refused',
    cut('checks.ts', "if (round < e.round) return rejected('stale-round')", ''),
    cut('server.ts', 'const count = values.length', 'const count = Math.max(1, values.length)'),
  ),
  'future-round': rule(
    '§6: a later round is refused',
    cut('checks.ts', "if (round > e.round) return rejected('future-round')", ''),
    cut('server.ts', 'const count = values.length', 'const count = Math.max(1, values.length)'),
  ),
  'out-of-phase': rule(
    '§2: the opcode is legal at this receiver in this phase',
    cut('checks.ts', "if (!legal(e, opcode)) return rejected('out-of-phase')", ''),
    cut('client.ts', 'run.outstanding!, f', 'run.outstanding ?? run.hello, f'),
  ),
  'bad-tag': rule(
    '§3: the tag verifies under this session’s MAC key',
    cut('checks.ts', "if (f.mac !== mac) return rejected('bad-tag')", ''),
  ),
  'bad-padding': rule(
    '§3: only correct PKCS#7 padding is removed',
    cut('checks.ts', "...rejected('bad-padding', enc),", ''),
    cut('checks.ts', "if (!f.padded) return rejected('bad-padding', enc)", ''),
  ),
  'bad-payload': rule(
    '§5: the plaintext is a valid payload',
    cut('checks.ts', "...rejected('bad-payload', enc),", ''),
    cut('checks.ts', "if (!valid(opcode, f.body)) return rejected('bad-payload', enc)", ''),
    cut('checks.ts', 'const text = opcode', 'const text = true || opcode'),
    cut('server.ts', 'const count = values.length', 'const count = Math.max(1, values.length)'),
  ),
  superseded: rule(
    '§7: a newcomer with the older HELLO does not supersede',
    cut('server.ts', 'if (rival !== undefined && rival.order! > conn.order!) {', 'if (false) {'),
  ),
  'rejection-ends': rule(
    '§6: a rejected frame ends the session',
    cut('client.ts', "return end(so, run, 'rejection') // §6", 'return so // §6'),
    cut('server.ts', "if (v.kind === 'rejected') {", "if (v.kind === 'rejected') {\n    return so"),
  ),
  'one-answer': rule(
    '§6: the server answers a rejected frame with KEY_DESYNC_ERROR',
    cut('server.ts', "if (conn.phase === 'INIT' || unanswered)", 'if (true)'),
  ),
  'control-unanswered': rule(
    '§6: 50 and 60 are never answered',
    cut('server.ts', "conn.phase === 'INIT' || unanswered", "conn.phase === 'INIT'"),
  ),
  'client-silent': rule(
    '§6: a client answers no rejected frame',
    cut(
      'client.ts',
      "if (v.kind === 'rejected') return end(",
      "if (v.kind === 'rejected' && run.phase !== 'INIT') { const desync = sealNow(symbols, run, OP.DESYNC, { kind: 'control' }); return end(becomes(so, run, sent(run, desync)), { ...run, sent: [...run.sent, desync] }, 'rejection') }\n  if (v.kind === 'rejected') return end(",
    ),
  ),
  'control-obeyed': rule(
    '§6: a valid 50 or 60 ends the session',
    cut('client.ts', "return end(so, run, 'peer')", 'return so'),
    cut('server.ts', "return unanswered ? end(so, conn, 'peer')", 'return unanswered ? so'),
  ),
  'one-outstanding': rule(
    '§5: no second request while one is outstanding',
    cut(
      'client.ts',
      "run.phase !== 'ACTIVE' || run.outstanding !== null || !sendable",
      "run.phase !== 'ACTIVE' || !sendable",
    ),
  ),
  'hello-touches-nothing': rule(
    '§7: a HELLO never touches a confirmed session',
    cut(
      'server.ts',
      'const halfOpen =',
      "const rival = others.find((e) => e.confirmed)\n  if (rival !== undefined) return bye(symbols, so, rival, 'supersede')\n  const halfOpen =",
    ),
  ),
  'first-data-confirms': rule(
    '§7: a session counts only from its first accepted DATA',
    cut('server.ts', '...session, confirmed: false,', '...session, confirmed: true,'),
  ),
  supersede: rule(
    '§7: on confirmation the older confirmed session of the id ends',
    cut('server.ts', 'const superseded = rival', 'const superseded = undefined'),
  ),
  'half-open-cap': rule(
    '§7: at most so many unconfirmed sessions per id',
    cut('server.ts', 'const full = halfOpen.length >= symbols.setup.limits.unconfirmedPerId', 'const full = false'),
  ),
  'withdraw-values': rule(
    '§7: when a connection ends its values are withdrawn',
    cut('server.ts', "e.confirmed && e.phase === 'ACTIVE')\n", 'e.confirmed)\n'),
    cut('step.ts', 'keys: null, confirmed: false, failing', 'keys: null, failing'),
  ),
  'same-round-only': rule(
    '§8: an aggregate is over one round',
    cut('server.ts', '.filter((d) => d.header.round === round)', ''),
  ),
  'own-included': rule(
    '§8: own submission included',
    cut('server.ts', '[...kept, own]', 'kept'),
    cut('server.ts', 'const count = values.length', 'const count = Math.max(1, values.length)'),
  ),
} satisfies Record<string, Ablation>
export type Rule = keyof typeof ABLATIONS
