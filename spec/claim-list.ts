/** The ten claims of PROTOCOL §9: what is expected of each mode. */

export interface Claim {
  readonly n: number
  readonly says: string
  /** Invariants that must hold in both modes. */
  readonly holds: readonly string[]
  /** Invariants that hold in `bound` and must be found broken in `literal`; moves of the shortest counterexample. */
  readonly breaks: Readonly<Record<string, number>>
  /** PROTOCOL §9, column `literal`, where something breaks. */
  readonly literally: string
}

/** Lengths are those of PROTOCOL §9 where it gives one, else what was found once. */
export const CLAIMS: readonly Claim[] = [
  {
    n: 1,
    says: 'replay is defended',
    holds: [],
    breaks: { A2: 6, A3: 7, A8: 4 },
    literally: 'a recorded session replays whole, and a recorded CHALLENGE is taken by another run',
  },
  { n: 2, says: 'modification is detected', holds: ['C1', 'C3'], breaks: {}, literally: '' },
  { n: 3, says: 'reordering is detected', holds: ['S2', 'S6', 'S7'], breaks: {}, literally: '' },
  { n: 4, says: 'reflection is rejected', holds: ['S1', 'S2'], breaks: {}, literally: '' },
  {
    n: 5,
    says: 'key desync is detected, updates are atomic',
    holds: ['R1', 'R3', 'R4', 'S4', 'S6'],
    breaks: { 'foreign-desync': 6 },
    literally: 'detected, but an authentic KEY_DESYNC_ERROR of one session ends another',
  },
  {
    n: 6,
    says: 'padding tampering is defended',
    holds: ['C2', 'C3', 'O1'],
    breaks: { 'sibling-response': 6 },
    literally: 'a genuine response of a sibling session verifies and then fails, or passes, unpadding',
  },
  { n: 7, says: 'invalid HMAC rejected before decryption', holds: ['C2'], breaks: {}, literally: '' },
  { n: 8, says: 'state violations end the session', holds: ['S1', 'S3', 'S4', 'O1', 'O2'], breaks: {}, literally: '' },
  {
    n: 9,
    says: 'unauthorised clients get nothing',
    holds: ['A9', 'B1', 'B4', 'I2', 'O2'],
    breaks: { A1s: 5, 'replay-supersedes': 6 },
    literally: 'a keyless replay is confirmed, contributes values and supersedes the live session',
  },
  {
    n: 10,
    says: 'man in the middle is defended',
    holds: ['A1', 'A9', 'C1'],
    breaks: { A1s: 5, A3: 7, A8: 4, A10: 5, 'foreign-terminate': 5 },
    literally: 'content holds, session identity does not',
  },
]
