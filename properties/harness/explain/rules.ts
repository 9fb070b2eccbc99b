/**
 * The rules of PROTOCOL, each with the sentence that says it and what to do where it is missing. What the model calls a
 * rule by the same name (spec/checker/ablations.ts) is the same rule.
 */
export interface Rule {
  /** Of PROTOCOL, such as '§3'. */
  readonly clause: string
  /** Stands in that section, word for word. */
  readonly quote: string
  readonly advice: string
}

/** `cited`: the clause, then its words. */
const rule = (cited: string, advice: string): Rule => {
  const [clause, ...words] = cited.split(' ')
  return { clause: clause!, quote: words.join(' '), advice }
}

export const RULES = {
  'client-ids': rule('§1 Client ids are 1..255.', 'Accept every id from 1 to 255, both ends included.'),
  'master-key': rule(
    '§1 The server holds a keyring: id → master key of 16..64 bytes, no two alike.',
    'Take master keys of every length from 16 to 64 bytes.',
  ),
  round: rule(
    '§1 A session has a **round** (u32, starts at 0)',
    'Count the round up by exactly 1 per committed exchange, in 32 bits; a session enters ACTIVE in round 1.',
  ),
  erase: rule(
    '§1 TERMINATED is final; on entering it the keys are overwritten.',
    'Overwrite all four keys whole when they are replaced or the session ends, and only then.',
  ),
  header: rule(
    '§2 | field | bytes | offset | content |',
    'Write and read each field at its offset, big-endian; take opcode, id, round and direction from the two tables of §2.',
  ),
  iv: rule(
    '§2 fresh CSPRNG bytes for every frame',
    'Draw 16 new bytes from the random generator for each frame that is built, a HELLO of a new run included.',
  ),
  'frame-length': rule(
    '§2 so a frame is 71..4,167 bytes and its length ≡ 7 (mod 16)',
    'Refuse as malformed, before anything else is read, every length but these; take all of these.',
  ),
  'length-prefix': rule(
    '§2 A prefix outside 71..4,167 counts as a malformed frame at once; nothing is buffered for it.',
    'Read all four bytes of the prefix as an unsigned big-endian number, and judge it before a byte behind it is kept.',
  ),
  chunks: rule(
    '§2 How the byte stream is cut into chunks never matters.',
    'Keep what is incomplete until the rest arrives, and process every complete frame of a chunk.',
  ),
  tag: rule(
    '§3 Receivers verify the tag, in constant time and in full, **before** any decryption.',
    'Compare all 32 bytes of the tag of every frame, whatever its opcode, length or round, before AES runs.',
  ),
  'tag-input': rule(
    '§3 `tag = HMAC-SHA256(MAC key, header ‖ IV ‖ ciphertext)`',
    'Compute the tag with the whole MAC key over everything that stands before it: header, IV and ciphertext.',
  ),
  cipher: rule(
    '§3 `ciphertext = AES-128-CBC(ENC key, IV, pad(plaintext))`',
    'Encrypt with AES-128 in CBC mode, under the 16-byte ENC key and the IV of the frame.',
  ),
  padding: rule(
    '§3 p = 16 − (len mod 16), append p bytes of value p (a full block when aligned). Removal accepts only 1 ≤ p ≤ 16 with the last p bytes all equal to p.',
    'Pad with 1..16 bytes of that value; when removing, check that value and every one of those bytes.',
  ),
  kdf: rule(
    '§3 `KDF(k, x, L) = HKDF-SHA256(IKM = k, salt = empty, info = x, length = L)` (RFC 5869)',
    'Use HKDF with both of its steps; the test vectors of RFC 5869 show where it goes wrong.',
  ),
  'initial-keys': rule(
    '§4 Initial, per label: `K0 = KDF(master, "init" ‖ 00 ‖ label)`.',
    'Derive four keys from the whole master key, each with its own label behind "init" and a zero byte.',
  ),
  'evolve-c2s-enc': rule(
    "§4 C2S-ENC[R+1] = evolve(C2S-ENC[R], ciphertext of the client's frame)",
    'Let C2S-ENC absorb the whole ciphertext of the HELLO or DATA in every exchange.',
  ),
  'evolve-c2s-mac': rule(
    "§4 C2S-MAC[R+1] = evolve(C2S-MAC[R], IV of the client's frame)",
    'Let C2S-MAC absorb the IV of the HELLO or DATA in every exchange.',
  ),
  'evolve-s2c-enc': rule(
    "§4 S2C-ENC[R+1] = evolve(S2C-ENC[R], AggregatedData_R)     R = 0: the CHALLENGE's plaintext",
    'Let S2C-ENC absorb the 20 bytes behind the status, or the plaintext of the CHALLENGE, in every exchange.',
  ),
  'evolve-s2c-mac': rule(
    '§4 S2C-MAC[R+1] = evolve(S2C-MAC[R], StatusCode_R)         R = 0: the single byte 00',
    'Let S2C-MAC absorb the status byte, in round 0 the byte 00, in every exchange.',
  ),
  'hello-step': rule(
    '§4 h = SHA-256(HELLO frame); S2C-ENC[0] and S2C-MAC[0] become `KDF(key, "hello" ‖ 00 ‖ h)`.',
    'Mix the hash of the whole HELLO into both S2C keys before the CHALLENGE is sealed, and move C2S at the client then.',
  ),
  'bind-step': rule(
    '§4 t = SHA-256(HELLO frame ‖ CHALLENGE frame); each of the four keys becomes `KDF(key, "bind" ‖ 00 ‖ t)`.',
    'Mix the hash of HELLO and CHALLENGE into all four keys after the evolution of round 0, so that no two sessions share one.',
  ),
  literal: rule(
    '§4 Mode `literal` omits both steps and nothing else.',
    'In mode literal take neither the hello step nor the bind step.',
  ),
  commit: rule(
    '§4 Keys, round, confirmation, supersession and submitted values commit together, once, or not at all.',
    'Make the next state as a value, hand over the answer under the keys of the present one, then assign once.',
  ),
  'hand-over': rule(
    '§4 if the hand-over fails, nothing of it has happened and the session is TERMINATED.',
    'Ask the transport whether it took the frame; if not, end the session and keep nothing of the exchange.',
  ),
  'client-commit': rule(
    '§4 Apart from the hello step, sending moves nothing on the client.',
    'Move keys and round of a client when the response has passed every check, not when DATA is sent.',
  ),
  'no-key-on-failure': rule(
    '§4 On any failure no key evolves: an error frame is sealed under the keys as they were, then the session is TERMINATED.',
    'Finish every check before a key is touched, and seal error frames under the keys of the session as they are.',
  ),
  'last-round': rule(
    '§4 Round 0xFFFFFFFF cannot be left: a valid DATA there is neither counted nor answered; the server sends TERMINATE.',
    'Treat that round, and no earlier one, as the last: no response, no next round, TERMINATE at the server.',
  ),
  text: rule(
    '§5 UTF-8 text, 0..255 bytes',
    'Take any valid UTF-8 of 0..255 bytes as it is, refuse anything else, and send the default texts of §5.',
  ),
  data: rule(
    '§5 count u16, then count × f64: 1 ≤ count ≤ 511, every value finite and \\|v\\| ≤ 1e300, length exactly 2 + 8·count',
    'Check count, exact length and each value of a DATA, both signs and all positions; write numbers big-endian in 64 bits.',
  ),
  response: rule(
    '§5 status u8 ‖ sum f64 ‖ count u32 ‖ average f64, 21 bytes. Valid: status 00 (OK), count ≥ 1, sum and average finite.',
    'Write the fields in this order and width, and check length, status, count and both numbers at the client.',
  ),
  'control-payload': rule(
    '§5 | KEY_DESYNC_ERROR, TERMINATE | the single byte 00 |',
    'Send exactly one byte 00 in a control frame, and refuse one that says anything else.',
  ),
  'local-rules': rule(
    '§5 What a local caller may not send (no values, too many, NaN, a second request while one is outstanding) is refused locally: no frame, nothing moves.',
    'Check the arguments and the phase of a local call before a frame is built, and change nothing where they are wrong.',
  ),
  'known-opcode': rule(
    '§6 `malformed` (length, alignment) → `unknown-opcode`',
    'Refuse every opcode that is not in the table of §2, before other checks.',
  ),
  'own-id': rule(
    '§6 → `wrong-client` →',
    'Compare all eight bits of the id in the header with that of the session; before a HELLO it must be in the keyring.',
  ),
  'own-direction': rule(
    '§6 → `wrong-direction` →',
    'Refuse a frame whose direction is not the one this side receives, a HELLO included.',
  ),
  'own-round': rule(
    '§6 → `stale-round` / `future-round` →',
    'Require exactly the round of the session, all 32 bits, for every opcode: 0 for a HELLO.',
  ),
  legal: rule(
    '§6 `out-of-phase` (not legal at this receiver, §2)',
    'Accept an opcode only where the table of §2 says it is legal: this role, this phase, and a request outstanding where it asks for one.',
  ),
  'silent-first-frame': rule(
    '§6 server, no session yet (any failing first frame, unknown id included): close, no frame',
    'Close without a frame, and without an exception, whatever was wrong with a first frame.',
  ),
  alarm: rule(
    "§6 server, ACTIVE: one KEY_DESYNC_ERROR under the current S2C keys and round, with the session's id (always 71 bytes), TERMINATED, close",
    'Answer every rejected frame of a session with the same one KEY_DESYNC_ERROR, whatever the reason; `superseded` with TERMINATE.',
  ),
  'control-unanswered': rule(
    '§6 except that a frame whose first byte is 50 or 60 is never answered, whatever its reason (close only)',
    'Look at the first byte of a rejected frame before answering: 50 and 60 are met with silence.',
  ),
  'client-silent': rule(
    '§6 client: TERMINATED, close, nothing sent.',
    'End the run of a client on any rejected frame, and send nothing.',
  ),
  'rejection-ends': rule(
    '§6 That its session ends, and its values are withdrawn with it, is the only effect of a rejected frame',
    'End the session on every rejected frame, whatever the reason: nothing is ignored or skipped.',
  ),
  isolation: rule(
    '§6 no key evolves, no other session changes.',
    'Let what arrives on a connection end that session only, never others of the same client.',
  ),
  discard: rule(
    '§6 Whatever follows a frame that ended the session is discarded, also within the same chunk.',
    'Stop reading a chunk, and the connection, as soon as its session has ended.',
  ),
  'control-obeyed': rule(
    "§6 A valid KEY_DESYNC_ERROR or TERMINATE ends the session (reported as the peer's decision) and is never answered. Neither resets or re-derives a key.",
    'End the session on a valid control frame: no answer, no new keys, no new handshake.',
  ),
  'graceful-end': rule(
    '§6 A client ends gracefully with TERMINATE when no request is outstanding, else by closing.',
    'Send TERMINATE when an idle client ends, and nothing when it waits for an answer.',
  ),
  'client-timers': rule(
    '§6 A client gives up (TERMINATED, close) when no CHALLENGE arrives within 5 s or no response within 10 s (settings).',
    'Set a deadline with HELLO and with each DATA, from the right setting; fire when it is reached and clear it with the answer.',
  ),
  'own-connection': rule(
    '§7 a session belongs to its connection and is never looked up by the id in a header.',
    'Keep the session with the connection, and judge each frame by the session of the connection it came on.',
  ),
  'first-frame': rule(
    '§7 The first frame must be a HELLO that passes every check.',
    'Take as first frame a HELLO, judged like any other frame, by the key of the id it names.',
  ),
  'hello-touches-nothing': rule(
    '§7 A HELLO never touches a confirmed session.',
    'Accept a HELLO beside a confirmed session and leave that one alone; only DATA may supersede.',
  ),
  confirm: rule(
    '§7 Its first accepted DATA confirms it.',
    'Mark a session as confirmed with its first accepted DATA: not before, not later.',
  ),
  supersede: rule(
    "§7 On confirmation it supersedes (TERMINATE sent, values withdrawn) the confirmed session of the same id if that one's HELLO was accepted earlier",
    'With the first DATA of a newer session end the older confirmed one of that id: TERMINATE under its own keys, its values out of the sum at once.',
  ),
  superseded: rule(
    "§7 if it was accepted later, the newcomer's DATA is rejected as `superseded` instead and nothing of it is kept. HELLOs are ordered by a counter, not a clock.",
    'Number HELLOs as they are accepted, without end, and reject the first DATA of a session that is older than the confirmed one.',
  ),
  'half-open': rule(
    '§7 At most 4 unconfirmed sessions per id; the oldest gives way (TERMINATE sent).',
    'Count the unconfirmed sessions of each id; above the setting end the one with the oldest HELLO, with TERMINATE.',
  ),
  'server-timers': rule(
    '§7 a connection without an accepted HELLO is closed 5 s after it was accepted; an unconfirmed session ends (TERMINATE) 120 s after its HELLO; a confirmed one 600 s after its last accepted DATA.',
    'Look at every connection at each tick, compare with the deadline of its state, and renew that on accepted frames only.',
  ),
  connections: rule(
    '§7 At most 1,024 connections; at the limit a new one displaces the oldest without a confirmed session.',
    'At the limit end the oldest connection that has no confirmed session, half-open or silent, and take the new one.',
  ),
  withdraw: rule(
    '§7 When a connection ends, its session is TERMINATED, its values withdrawn, its entry gone.',
    'Remove connection, session and values together, whatever ended them.',
  ),
  counted: rule(
    '§8 sum, count, average over all values submitted so far for that round by currently confirmed sessions, own submission included',
    'Add up every value of that round, each once: of all confirmed sessions and of the one that asks.',
  ),
  'exact-sum': rule(
    '§8 The sum is the exact sum of the values rounded once (to nearest, ties to even), so it does not depend on arrival order',
    'Add without rounding (expansions, or big integers) and round to a double once, at the very end.',
  ),
  average: rule(
    '§8 the average is that sum divided by count in binary64; a zero result is +0.',
    'Divide the rounded sum by the count of the values once, and turn -0 into 0.',
  ),
  retained: rule(
    '§8 values are kept for the newest 64 rounds of each session (setting); older ones no longer count.',
    'Keep exactly as many rounds of each session as the setting says, and drop the oldest.',
  ),
} as const satisfies Readonly<Record<string, Rule>>

export type RuleId = keyof typeof RULES
export const RULE_IDS = Object.keys(RULES) as RuleId[]

/** What an invariant rests on: said where nothing tells the system from the reference, or little does. */
export const BY_INVARIANT: Readonly<Record<string, readonly RuleId[]>> = {
  F1: ['frame-length', 'length-prefix', 'commit', 'client-commit'],
  F2: ['chunks', 'length-prefix', 'discard'],
  F4: ['length-prefix', 'chunks'],
  S1: ['legal', 'known-opcode'],
  S2: ['own-round', 'own-direction', 'own-id'],
  S3: ['discard'],
  S4: ['rejection-ends', 'control-obeyed', 'length-prefix'],
  S5: ['control-obeyed', 'tag', 'control-unanswered'],
  S6: ['round', 'last-round'],
  S7: ['local-rules', 'legal'],
  C1: ['tag', 'frame-length'],
  C2: ['tag', 'frame-length'],
  C3: ['padding'],
  C4: ['iv'],
  C5: ['bind-step', 'initial-keys', 'evolve-c2s-enc', 'evolve-c2s-mac', 'evolve-s2c-enc', 'evolve-s2c-mac'],
  KAT: ['initial-keys', 'kdf', 'tag-input', 'cipher'],
  R1: ['evolve-c2s-enc', 'evolve-c2s-mac', 'evolve-s2c-enc', 'evolve-s2c-mac', 'bind-step'],
  R2: ['bind-step', 'commit'],
  R3: ['hand-over', 'commit', 'confirm'],
  R4: ['no-key-on-failure', 'alarm'],
  R5: ['bind-step', 'evolve-c2s-enc', 'evolve-s2c-enc'],
  R6: ['tag', 'evolve-c2s-mac', 'evolve-s2c-mac'],
  A1: ['tag', 'own-round'],
  A1s: ['bind-step', 'hello-step'],
  A2: ['bind-step', 'hello-step', 'own-round'],
  A3: ['bind-step', 'hello-step', 'legal'],
  A4: ['control-obeyed', 'data', 'text'],
  A8: ['hello-step', 'tag'],
  A9: ['cipher'],
  A10: ['bind-step', 'hello-step', 'tag'],
  G1: ['counted', 'retained', 'withdraw'],
  G2: ['supersede', 'confirm'],
  G3: ['withdraw', 'counted'],
  G4: ['counted'],
  G5: ['data', 'text', 'response', 'control-payload'],
  G6: ['exact-sum'],
  G7: ['exact-sum', 'average'],
  I2: ['hello-touches-nothing', 'half-open'],
  I4: ['isolation', 'own-connection', 'connections'],
  I5: ['superseded'],
  B1: ['half-open'],
  B2: ['erase', 'withdraw'],
  B3: ['retained'],
  B4: ['half-open', 'connections'],
  B5: ['server-timers', 'client-timers'],
  B6: ['connections'],
  O1: ['alarm', 'client-silent', 'control-unanswered'],
  O2: ['silent-first-frame'],
  O3: ['no-key-on-failure', 'alarm'],
  O4: ['tag', 'bind-step'],
  L1: ['legal', 'last-round'],
  L3: ['isolation'],
  S8: ['chunks', 'superseded'],
}
