/**
 * Every rule of the protocol taken out of the model, to show that each carries weight: without it a verdict of the
 * explorer must change. The rules have no switches; as for mutants, text of spec/model is replaced when it is loaded
 * (properties/harness/ablations.test.ts).
 */

/** `find` stands exactly once in `file` of spec/model. */
export interface Cut {
  readonly file: 'checks.ts' | 'client.ts' | 'keys.ts' | 'server.ts'
  readonly find: string
  readonly replace: string
}

export interface Ablation {
  /** The rule that is taken out, with its clause of PROTOCOL. */
  readonly says: string
  readonly cuts: readonly Cut[]
}

export const ABLATIONS = {
  'hello-step': {
    says: '§4: S2C keys absorb the HELLO before the CHALLENGE is sealed (bound)',
    cuts: [
      {
        file: 'keys.ts',
        find: 'return [c2sEnc, c2sMac, absorb(s2cEnc), absorb(s2cMac)]',
        replace: 'return [c2sEnc, c2sMac, s2cEnc, s2cMac]',
      },
    ],
  },
  'c2s-keys-at-hello': {
    says: '§4: the client’s C2S keys leave round 0 when its HELLO is built (bound)',
    cuts: [
      { file: 'keys.ts', find: 's2cMac] = evolveC2S(symbols, keys, hello)', replace: 's2cMac] = keys' },
      {
        file: 'keys.ts',
        find: "symbols.setup.mode === 'literal' ? evolve(symbols, keys, hello, answer) : evolveS2C(symbols, keys, answer)",
        replace: 'evolve(symbols, keys, hello, answer)',
      },
    ],
  },
  'bind-step': {
    says: '§4: all four keys absorb HELLO and CHALLENGE after round 0 (bound)',
    cuts: [
      {
        file: 'keys.ts',
        find: "if (symbols.setup.mode === 'literal') return keys // no bind step",
        replace: 'return keys',
      },
    ],
  },
  'evolve-c2s-enc': {
    says: '§4: C2S-ENC absorbs the ciphertext of the client’s frame',
    cuts: [{ file: 'keys.ts', find: 'evolved(symbols, c2sEnc, request.ciphertext)', replace: 'c2sEnc' }],
  },
  'evolve-c2s-mac': {
    says: '§4: C2S-MAC absorbs the IV of the client’s frame',
    cuts: [{ file: 'keys.ts', find: 'evolved(symbols, c2sMac, request.iv)', replace: 'c2sMac' }],
  },
  'evolve-s2c-enc': {
    says: '§4: S2C-ENC absorbs the aggregate',
    cuts: [{ file: 'keys.ts', find: 'evolved(symbols, s2cEnc, answer)', replace: 's2cEnc' }],
  },
  'evolve-s2c-mac': {
    says: '§4: S2C-MAC absorbs the status',
    cuts: [{ file: 'keys.ts', find: 'evolved(symbols, s2cMac, STATUS_OK)', replace: 's2cMac' }],
  },
  'commit-on-hand-over': {
    says: '§4: the server commits only when the answer was handed over',
    cuts: [
      {
        file: 'server.ts',
        find: "if (conn.failing) return end(undone(so, conn), conn, 'fault') // §4: the CHALLENGE cannot be handed over",
        replace: '',
      },
      {
        file: 'server.ts',
        find: 'confirmed: false, sent: [challenge] }',
        replace: 'confirmed: false, sent: conn.failing ? [] : [challenge], failing: false }',
      },
      {
        file: 'server.ts',
        find: 'sent(next, challenge)',
        replace: 'conn.failing ? unsent(conn) : sent(next, challenge)',
      },
      {
        file: 'server.ts',
        find: "if (conn.failing) return end(undone(so, conn), conn, 'fault') // §4: the response cannot be handed over",
        replace: '',
      },
      {
        file: 'server.ts',
        find: 'sent: [...conn.sent, response] }',
        replace: 'sent: conn.failing ? conn.sent : [...conn.sent, response], failing: false }',
      },
      {
        file: 'server.ts',
        find: 'sent(next, response)',
        replace: 'conn.failing ? unsent(conn) : sent(next, response)',
      },
    ],
  },
  'client-commits-late': {
    says: '§4: sending moves nothing on the client',
    cuts: [
      {
        file: 'client.ts',
        find: '{ ...run, outstanding: data,',
        replace:
          "{ ...run, keys: run.keys!.map((t, i) => symbols.term('evolve', t, [data.ciphertext, data.iv, symbols.term('plain'), '00'][i])), outstanding: data,",
      },
    ],
  },
  'errors-under-current-keys': {
    says: '§4: an error frame is sealed under the keys as they were',
    cuts: [
      {
        file: 'server.ts',
        find: 'const keys = conn.keys! // §4',
        replace:
          "const keys = conn.keys!.map((t, i) => symbols.term('evolve', t, [conn.hello.ciphertext, conn.hello.iv, symbols.plain({ kind: 'control' }), '00'][i])) // §4",
      },
    ],
  },
  'wrong-client': {
    says: '§6: the client id is the session’s',
    cuts: [{ file: 'checks.ts', find: 'if (!known) return', replace: 'if (!known && r.keys === null) return' }],
  },
  'wrong-direction': {
    says: '§6: the direction is the one this side receives',
    cuts: [
      {
        file: 'checks.ts',
        find: "if (direction !== receivedBy(r.side)) return rejected('wrong-direction')",
        replace: '',
      },
    ],
  },
  'stale-round': {
    says: '§6: an earlier round is refused',
    cuts: [
      { file: 'checks.ts', find: "if (round < r.round) return rejected('stale-round')", replace: '' },
      { file: 'server.ts', find: 'const count = values.length', replace: 'const count = Math.max(1, values.length)' },
    ],
  },
  'future-round': {
    says: '§6: a later round is refused',
    cuts: [
      { file: 'checks.ts', find: "if (round > r.round) return rejected('future-round')", replace: '' },
      { file: 'server.ts', find: 'const count = values.length', replace: 'const count = Math.max(1, values.length)' },
    ],
  },
  'out-of-phase': {
    says: '§2: the opcode is legal at this receiver in this phase',
    cuts: [
      { file: 'checks.ts', find: "if (!legal(r, opcode)) return rejected('out-of-phase')", replace: '' },
      { file: 'client.ts', find: 'run.outstanding!, f', replace: 'run.outstanding ?? run.hello, f' },
    ],
  },
  'bad-tag': {
    says: '§3: the tag verifies under this session’s MAC key',
    cuts: [{ file: 'checks.ts', find: "if (f.mac !== mac) return rejected('bad-tag')", replace: '' }],
  },
  'bad-padding': {
    says: '§3: only correct PKCS#7 padding is removed',
    cuts: [
      { file: 'checks.ts', find: "...rejected('bad-padding', enc),", replace: '' },
      { file: 'checks.ts', find: "if (!f.padded) return rejected('bad-padding', enc)", replace: '' },
    ],
  },
  'bad-payload': {
    says: '§5: the plaintext is a valid payload',
    cuts: [
      { file: 'checks.ts', find: "...rejected('bad-payload', enc),", replace: '' },
      { file: 'checks.ts', find: "if (!valid(opcode, f)) return rejected('bad-payload', enc)", replace: '' },
      { file: 'checks.ts', find: 'const text = opcode', replace: 'const text = true || opcode' },
      { file: 'server.ts', find: 'const count = values.length', replace: 'const count = Math.max(1, values.length)' },
    ],
  },
  superseded: {
    says: '§7: a newcomer with the older HELLO does not supersede',
    cuts: [
      { file: 'server.ts', find: 'if (rival !== undefined && rival.order! > conn.order!) {', replace: 'if (false) {' },
    ],
  },
  'rejection-ends': {
    says: '§6: a rejected frame ends the session',
    cuts: [
      {
        file: 'client.ts',
        find: "return end(runs, run, 'rejection', events) // §6",
        replace: 'return { after: runs, events } // §6',
      },
      {
        file: 'server.ts',
        find: "if (v.kind === 'rejected') return rejected(symbols, so, conn, f)",
        replace: "if (v.kind === 'rejected') return so",
      },
    ],
  },
  'one-answer': {
    says: '§6: the server answers a rejected frame with KEY_DESYNC_ERROR',
    cuts: [{ file: 'server.ts', find: "if (conn.phase === 'INIT' || unanswered)", replace: 'if (true)' }],
  },
  'control-unanswered': {
    says: '§6: 50 and 60 are never answered',
    cuts: [
      { file: 'server.ts', find: 'const unanswered = isControl(f.header.opcode)', replace: 'const unanswered = false' },
    ],
  },
  'client-silent': {
    says: '§6: a client answers no rejected frame',
    cuts: [
      {
        file: 'client.ts',
        find: "if (v.kind === 'rejected') return end(",
        replace:
          "if (v.kind === 'rejected' && run.phase !== 'INIT') { const desync = sealNow(symbols, run, OP.DESYNC, { kind: 'control' }); return end(runs, { ...run, sent: [...run.sent, desync] }, 'rejection', [...events, sent(run, desync)]) }\n  if (v.kind === 'rejected') return end(",
      },
    ],
  },
  'control-obeyed': {
    says: '§6: a valid 50 or 60 ends the session',
    cuts: [
      { file: 'client.ts', find: "return end(runs, run, 'peer', events)", replace: 'return { after: runs, events }' },
      { file: 'server.ts', find: "return end(so, conn, 'peer')", replace: 'return so' },
    ],
  },
  'one-outstanding': {
    says: '§5: no second request while one is outstanding',
    cuts: [
      {
        file: 'client.ts',
        find: "run.phase !== 'ACTIVE' || run.outstanding !== null || !sendable",
        replace: "run.phase !== 'ACTIVE' || !sendable",
      },
    ],
  },
  'hello-touches-nothing': {
    says: '§7: a HELLO never touches a confirmed session',
    cuts: [
      {
        file: 'server.ts',
        find: 'const halfOpen =',
        replace:
          "const rival = others.find((e) => e.confirmed)\n  if (rival !== undefined) return bye(symbols, so, rival, 'supersede')\n  const halfOpen =",
      },
    ],
  },
  'first-data-confirms': {
    says: '§7: a session counts only from its first accepted DATA',
    cuts: [{ file: 'server.ts', find: '...session, confirmed: false,', replace: '...session, confirmed: true,' }],
  },
  supersede: {
    says: '§7: on confirmation the older confirmed session of the id ends',
    cuts: [{ file: 'server.ts', find: 'const superseded = rival', replace: 'const superseded = undefined' }],
  },
  'half-open-cap': {
    says: '§7: at most so many unconfirmed sessions per id',
    cuts: [
      {
        file: 'server.ts',
        find: 'const full = halfOpen.length >= symbols.setup.limits.unconfirmedPerId',
        replace: 'const full = false',
      },
    ],
  },
  'withdraw-values': {
    says: '§7: when a connection ends its values are withdrawn',
    cuts: [
      { file: 'server.ts', find: "e.confirmed && e.phase === 'ACTIVE'\n", replace: 'e.confirmed\n' },
      { file: 'server.ts', find: 'keys: null, confirmed: false, failing', replace: 'keys: null, failing' },
    ],
  },
  'same-round-only': {
    says: '§8: an aggregate is over one round',
    cuts: [{ file: 'server.ts', find: '.filter((d) => d.header.round === conn.round)', replace: '' }],
  },
  'own-included': {
    says: '§8: own submission included',
    cuts: [
      { file: 'server.ts', find: '[...kept, own]', replace: 'kept' },
      { file: 'server.ts', find: 'const count = values.length', replace: 'const count = Math.max(1, values.length)' },
    ],
  },
} as const satisfies Record<string, Ablation>
export type Rule = keyof typeof ABLATIONS
