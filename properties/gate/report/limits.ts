/** What no stage says anything about. Fixed text: what is not promised stands next to what is. */
export const NOT_COVERED = [
  'Cryptography itself: AES, SHA-256 and HMAC are taken to be what they claim; the model treats them as ideal.',
  'Timing and other side channels of the machine. That tags are compared in constant time is checked by reading, not by measuring.',
  'Forward secrecy against the master key, healing after a leak, protection from dropping or delaying, availability of the handshake, traffic analysis, lies of authenticated clients, and anything at all once the IV generator repeats: PROTOCOL §9 does not claim them.',
  'Schedules longer, conversations deeper, and more clients at once than the figures above show; sessions of 2^32 rounds are reached by starting them there.',
  'Node, the operating system and real networks beyond the loopback interface.',
  'Implementations other than `src/`: run your own with `npm run prop -- --party FILE`.',
]
  .map((line) => `- ${line}`)
  .join('\n')
