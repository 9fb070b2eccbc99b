/**
 * Every rule of the protocol that the model can be run without, to show that each carries weight: with a rule switched
 * off, a verdict or a count of the explorer must change (spec/model/rules.test.ts).
 */
export const RULES = {
  // PROTOCOL §4, the key schedule
  'hello-step': '§4: S2C keys absorb the HELLO before the CHALLENGE is sealed (bound)',
  'bind-step': '§4: all four keys absorb HELLO and CHALLENGE after round 0 (bound)',
  'evolve-c2s-enc': '§4: C2S-ENC absorbs the ciphertext of the client’s frame',
  'evolve-c2s-mac': '§4: C2S-MAC absorbs the IV of the client’s frame',
  'evolve-s2c-enc': '§4: S2C-ENC absorbs the aggregate',
  'evolve-s2c-mac': '§4: S2C-MAC absorbs the status',
  'commit-on-hand-over': '§4: the server commits only when the answer was handed over',
  'client-commits-late': '§4: sending moves nothing on the client',
  'errors-under-current-keys': '§4: an error frame is sealed under the keys as they were',
  // PROTOCOL §6, the checks in their order
  'wrong-client': '§6: the client id is the session’s',
  'wrong-direction': '§6: the direction is the one this side receives',
  'stale-round': '§6: an earlier round is refused',
  'future-round': '§6: a later round is refused',
  'out-of-phase': '§2: the opcode is legal at this receiver in this phase',
  'bad-tag': '§3: the tag verifies under this session’s MAC key',
  'bad-padding': '§3: only correct PKCS#7 padding is removed',
  'bad-payload': '§5: the plaintext is a valid payload',
  superseded: '§7: a newcomer with the older HELLO does not supersede',
  // PROTOCOL §6, what follows
  'rejection-ends': '§6: a rejected frame ends the session',
  'one-answer': '§6: the server answers a rejected frame with KEY_DESYNC_ERROR',
  'control-unanswered': '§6: 50 and 60 are never answered',
  'client-silent': '§6: a client answers no rejected frame',
  'control-obeyed': '§6: a valid 50 or 60 ends the session',
  'one-outstanding': '§5: no second request while one is outstanding',
  // PROTOCOL §7 and §8
  'hello-touches-nothing': '§7: a HELLO never touches a confirmed session',
  'first-data-confirms': '§7: a session counts only from its first accepted DATA',
  supersede: '§7: on confirmation the older confirmed session of the id ends',
  'half-open-cap': '§7: at most so many unconfirmed sessions per id',
  'withdraw-values': '§7: when a connection ends its values are withdrawn',
  'same-round-only': '§8: an aggregate is over one round',
  'own-included': '§8: own submission included',
} as const
export type Rule = keyof typeof RULES
