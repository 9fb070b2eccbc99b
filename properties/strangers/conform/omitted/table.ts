/**
 * What cases of conform show of the reference without a rule: cases that show the same, then what each shows without which
 * rules. Written by make.ts.
 */
export const FAILED_WITHOUT = {
  server: `
stream/prefix-ffffffff stream/prefix-0 stream/prefix-3
  rejection-ends+silent-first-frame: it is accepted: the connection stays open for a frame of that length (silence)
stream/prefix-1-mib
  length-prefix: it is accepted: the connection stays open for a frame of that length (silence)
  rejection-ends+silent-first-frame: it is accepted: the connection stays open for a frame of that length (silence)
errors/end-without-key
  rejection-ends: it goes on after bad tag, a lower round, a higher round, direction, ciphertext, client id, unknown opcode
errors/end-for-insiders
  rejection-ends: it goes on after bad tag, bad padding, no number, one byte
numbers/shared
  confirm: #, then #: sum #, count #, average #; sum #, count #, average #: each about its own only
  counted: #, then #: sum #, count #, average #; sum #, count #, average #: each about its own only
numbers/everybody
  withdraw: # submissions, one after the other: sum #, count #, average #.#
numbers/own-round
  counted: # and #, then #: sum #, count #, average #.#
numbers/at-once
  withdraw: # and # at once: sum #, count #, average #.#; sum #, count #, average #
numbers/exact
  exact-sum: #, #, -#: sum #, count #, average #
first/bad-padding
  padding: it is accepted: answers # of # bytes under no known key, stays open
first/tells-ids
  silent-first-frame: known id: answers # of # bytes, closes; unknown id: closes
first/again-after-failure
  rejection-ends+silent-first-frame: silence; a good HELLO after it is answered
altered/tag-first altered/tag-middle altered/tag-last altered/tag-two-bytes altered/tag-zero keys/zero keys/tag-after-nul late/tag-last
  tag: it is accepted: answers # of # bytes
insider/round-before insider/round-after insider/round-256-later insider/round-65536-later insider/round-far late/round-before late/round-after
  own-round: it is accepted: answers # of # bytes
insider/other-direction insider/unknown-direction
  own-direction: it is accepted: answers # of # bytes
insider/other-id
  own-id: it is accepted: answers # of # bytes
  own-connection: silence; the next round of Y: # of # bytes
insider/unknown-id
  own-id: it is accepted: answers # of # bytes
insider/opcode-20 insider/opcode-40 insider/opcode-50 insider/opcode-10
  legal: it is accepted: answers # of # bytes
insider/padding-17 insider/padding-inconsistent late/padding-inconsistent
  padding: it is accepted: answers # of # bytes
payload/nan payload/infinity
  data: closes; the server is gone
payload/huge
  data: it is accepted: answers # of # bytes
insider/terminate
  control-obeyed: silence; the session goes on after its last frame
  control-obeyed: it is answered: answers # of # bytes, closes
altered/control-opcode
  control-unanswered: #: answers # of # bytes, closes
replay/session
  bind-step+hello-step: the HELLO is answered, the DATA too: answers # of # bytes
elsewhere/data-on-the-connection-of-y late/data-on-the-connection-of-y
  own-connection: silence; the next answer to Y is wrong: sum #, count #, average #
elsewhere/hello-again
  own-connection: it is answered; the next round of X: silence
  hello-touches-nothing: it is answered; the next round of X: # of # bytes
  confirm: it is answered; the next round of X: # of # bytes
sessions/takeover
  confirm: both sessions go on; the old one: sum #, count #, average #
  supersede: the first answer after coming back is wrong: sum #, count #, average #.#
sessions/old-ends
  withdraw: the values of the new session: sum #, count #, average #.#
departure/withdrawn departure/goodbye departure/after-junk departure/back departure/hello-replayed departure/header-replayed
  withdraw: X alone submits #, and the answer counts what has left before: sum #, count #, average #.#
flood/hellos-of-x
  own-connection: # HELLOs of X; the next round of X: silence
  hello-touches-nothing: # HELLOs of X; the next round of X: # of # bytes
  confirm: # HELLOs of X; the next round of X: # of # bytes
time/dripped-hello time/silent-connection time/half-a-hello
  server-timers: open after #.# s
`,
  client: `
stream/prefix-ffffffff stream/prefix-0 stream/prefix-3
  rejection-ends: it waits for a frame of that length (silence)
stream/prefix-1-mib
  length-prefix: it waits for a frame of that length (silence)
  rejection-ends: it waits for a frame of that length (silence)
replay/challenge
  bind-step+hello-step: it is accepted: goes on with a DATA
replay/server
  bind-step+hello-step: both are accepted
errors/end-without-key
  rejection-ends: it goes on after a bad tag, another round, its own DATA, an answer cut short
errors/end-for-rogue-servers
  rejection-ends: it goes on after opcode #, a second CHALLENGE, bad padding
control/desync control/terminate
  control-obeyed: silence; the run goes on as if nothing had come
  control-obeyed: it is answered: answers # of # bytes
control/forged-desync control/forged-terminate
  client-silent: it is answered: answers # of # bytes
  rejection-ends: silence; the run goes on as if nothing had come
challenge/iv-last answer/iv-last challenge/tag-first answer/tag-first challenge/tag-middle answer/tag-middle challenge/tag-last answer/tag-last challenge/tag-two-bytes answer/tag-two-bytes challenge/tag-zero answer/tag-zero late/tag-last
  tag: it is accepted: goes on with a DATA
challenge/answer-instead answer/challenge-again
  legal: it is accepted: goes on with a DATA
challenge/sealed-direction answer/sealed-direction
  own-direction: it is accepted: goes on with a DATA
challenge/sealed-id answer/sealed-id
  own-id: it is accepted: goes on with a DATA
challenge/sealed-round answer/sealed-round-before answer/sealed-round-after late/sealed-round-before
  own-round: it is accepted: goes on with a DATA
challenge/padding-zero answer/padding-inconsistent late/padding-inconsistent
  padding: it is accepted: goes on with a DATA
payload/trailing payload/status payload/sum-nan payload/sum-infinite payload/count-zero payload/average-nan
  response: it is accepted: goes on with a DATA
silence/no-challenge silence/no-answer
  client-timers: silence; it still waits after # s
`,
} as const

/** Omissions with which most cases fail: nothing is told of one case by them. */
export const GENERAL: readonly string[] = []
