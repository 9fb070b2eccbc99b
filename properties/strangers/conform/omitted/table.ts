/**
 * What the cases of conform show of the reference without a rule, by case: the rule that is left out, and what is observed.
 * Written by make.ts.
 */
export const FAILED_WITHOUT = {
  server: `
stream/long-data
  counted: # values: # of # bytes, which opens, and says what the dialect does not: #fff#
stream/prefix-ffffffff
  rejection-ends+silent-first-frame: it is accepted: the connection stays open for a frame of that length (silence)
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
stream/prefix-1-mib
  length-prefix: it is accepted: the connection stays open for a frame of that length (silence)
  rejection-ends+silent-first-frame: it is accepted: the connection stays open for a frame of that length (silence)
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
stream/prefix-0
  rejection-ends+silent-first-frame: it is accepted: the connection stays open for a frame of that length (silence)
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
stream/prefix-3
  rejection-ends+silent-first-frame: it is accepted: the connection stays open for a frame of that length (silence)
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
errors/end-without-key
  rejection-ends: it goes on after bad tag, a lower round, a higher round, direction, ciphertext, client id, unknown opcode
errors/end-for-insiders
  rejection-ends: it goes on after bad tag, bad padding, no number, one byte
numbers/shared
  confirm: #, then #: sum #, count #, average #; sum #, count #, average #: each about its own only
  counted: #, then #: sum #, count #, average #; sum #, count #, average #
  counted: #, then #: sum #, count #, average #; sum #, count #, average #: each about its own only
numbers/own-round
  counted: # and #, then #: sum #, count #, average #.#
numbers/at-once
  withdraw: # and # at once: sum #, count #, average #.#; sum #, count #, average #
  counted: # and # at once: # of # bytes, which opens, and says what the dialect does not: #fff#; sum #, count #, average #
numbers/exact
  exact-sum: #, #, -#: sum #, count #, average #
robust/after-empty-and-junk
  counted: the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/bad-tag
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/junk
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/junk-data
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/junk-terminate
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/data
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/terminate
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/response
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/other-round
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/other-direction
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/other-id
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
first/tells-ids
  silent-first-frame: known id: answers # of # bytes, closes; unknown id: closes
first/again-after-failure
  rejection-ends+silent-first-frame: silence; a good HELLO after it is answered
altered/tag-first
  tag: it is accepted: answers # of # bytes
altered/tag-middle
  tag: it is accepted: answers # of # bytes
altered/tag-last
  tag: it is accepted: answers # of # bytes
altered/tag-two-bytes
  tag: it is accepted: answers # of # bytes
altered/tag-zero
  tag: it is accepted: answers # of # bytes
insider/round-before
  own-round: it is accepted: answers # of # bytes
insider/round-after
  own-round: it is accepted: answers # of # bytes
insider/round-far
  own-round: it is accepted: answers # of # bytes
insider/other-direction
  own-direction: it is accepted: answers # of # bytes
insider/unknown-direction
  own-direction: it is accepted: answers # of # bytes
insider/other-id
  own-id: it is accepted: answers # of # bytes
  own-connection: silence; the next round of Y: # of # bytes
insider/unknown-id
  own-id: it is accepted: answers # of # bytes
insider/opcode-20
  legal: it is accepted: answers # of # bytes
insider/opcode-40
  legal: it is accepted: answers # of # bytes
insider/opcode-50
  legal: it is accepted: answers # of # bytes
insider/opcode-10
  legal: it is accepted: answers # of # bytes
insider/padding-inconsistent
  padding: it is accepted: answers # of # bytes
payload/nan
  data: closes; the server is gone
payload/infinity
  data: closes; the server is gone
payload/huge
  data: it is accepted: answers # of # bytes
insider/terminate
  control-obeyed: silence; the session goes on after its last frame
  control-obeyed: it is answered: answers # of # bytes, closes
altered/control-opcode
  control-unanswered: #: answers # of # bytes, closes
keys/zero
  tag: it is accepted: answers # of # bytes
keys/tag-after-nul
  tag: it is accepted: answers # of # bytes
replay/session
  bind-step+hello-step: the HELLO is answered, the DATA too: answers # of # bytes
elsewhere/bad-tag-in-my-name
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
elsewhere/data-moved
  counted: closes; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
elsewhere/data-on-the-connection-of-y
  own-connection: silence; the next answer to Y is wrong: sum #, count #, average #
elsewhere/two-bytes
  counted: nothing comes back; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
elsewhere/hello-again
  own-connection: it is answered; the next round of X: silence
  hello-touches-nothing: it is answered; the next round of X: # of # bytes
  confirm: it is answered; the next round of X: # of # bytes
  counted: it is answered; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
sessions/takeover
  confirm: both sessions go on; the old one: sum #, count #, average #
  supersede: the first answer after coming back is wrong: sum #, count #, average #.#
  counted: when the old connection ends, the next round of X in its new session: # of # bytes, which opens, and says what the dialect does not: #fff#
departure/withdrawn
  withdraw: X alone submits #, and the answer counts what has left before: sum #, count #, average #.#
departure/goodbye
  withdraw: X alone submits #, and the answer counts what has left before: sum #, count #, average #.#
departure/back
  withdraw: X alone submits #, and the answer counts what has left before: sum #, count #, average #.#
departure/hello-replayed
  withdraw: X alone submits #, and the answer counts what has left before: sum #, count #, average #.#
departure/header-replayed
  withdraw: X alone submits #, and the answer counts what has left before: sum #, count #, average #.#
robust/many-connections
  counted: # silent connections; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
flood/half-frames
  counted: # connections with half a HELLO; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
flood/hellos-of-x
  own-connection: # HELLOs of X; the next round of X: silence
  hello-touches-nothing: # HELLOs of X; the next round of X: # of # bytes
  confirm: # HELLOs of X; the next round of X: # of # bytes
  counted: # HELLOs of X; the next round of X: # of # bytes, which opens, and says what the dialect does not: #fff#
time/dripped-hello
  server-timers: open after #.# s
time/silent-connection
  server-timers: open after #.# s
time/half-a-hello
  server-timers: open after #.# s
`,
  client: `
stream/prefix-ffffffff
  rejection-ends: it waits for a frame of that length (silence)
stream/prefix-1-mib
  length-prefix: it waits for a frame of that length (silence)
  rejection-ends: it waits for a frame of that length (silence)
stream/prefix-0
  rejection-ends: it waits for a frame of that length (silence)
stream/prefix-3
  rejection-ends: it waits for a frame of that length (silence)
replay/challenge
  bind-step+hello-step: it is accepted: goes on with a DATA
replay/server
  bind-step+hello-step: both are accepted
errors/end-without-key
  rejection-ends: it goes on after a bad tag, another round, its own DATA, an answer cut short
errors/end-for-rogue-servers
  rejection-ends: it goes on after opcode #, a second CHALLENGE, bad padding
control/desync
  control-obeyed: silence; the run goes on as if nothing had come
  control-obeyed: it is answered: answers # of # bytes
control/forged-desync
  client-silent: it is answered: answers # of # bytes
  rejection-ends: silence; the run goes on as if nothing had come
control/terminate
  control-obeyed: silence; the run goes on as if nothing had come
  control-obeyed: it is answered: answers # of # bytes
control/forged-terminate
  client-silent: it is answered: answers # of # bytes
  rejection-ends: silence; the run goes on as if nothing had come
challenge/iv-last
  tag: it is accepted: goes on with a DATA
answer/iv-last
  tag: it is accepted: goes on with a DATA
challenge/tag-first
  tag: it is accepted: goes on with a DATA
answer/tag-first
  tag: it is accepted: goes on with a DATA
challenge/tag-middle
  tag: it is accepted: goes on with a DATA
answer/tag-middle
  tag: it is accepted: goes on with a DATA
challenge/tag-last
  tag: it is accepted: goes on with a DATA
answer/tag-last
  tag: it is accepted: goes on with a DATA
challenge/tag-two-bytes
  tag: it is accepted: goes on with a DATA
answer/tag-two-bytes
  tag: it is accepted: goes on with a DATA
challenge/tag-zero
  tag: it is accepted: goes on with a DATA
answer/tag-zero
  tag: it is accepted: goes on with a DATA
challenge/answer-instead
  legal: it is accepted: goes on with a DATA
challenge/sealed-direction
  own-direction: it is accepted: goes on with a DATA
challenge/sealed-id
  own-id: it is accepted: goes on with a DATA
challenge/sealed-round
  own-round: it is accepted: goes on with a DATA
challenge/padding-zero
  padding: it is accepted: goes on with a DATA
answer/challenge-again
  legal: it is accepted: goes on with a DATA
answer/sealed-direction
  own-direction: it is accepted: goes on with a DATA
answer/sealed-id
  own-id: it is accepted: goes on with a DATA
answer/sealed-round-before
  own-round: it is accepted: goes on with a DATA
answer/sealed-round-after
  own-round: it is accepted: goes on with a DATA
answer/padding-inconsistent
  padding: it is accepted: goes on with a DATA
payload/trailing
  response: it is accepted: goes on with a DATA
payload/status
  response: it is accepted: goes on with a DATA
payload/sum-nan
  response: it is accepted: goes on with a DATA
payload/sum-infinite
  response: it is accepted: goes on with a DATA
payload/count-zero
  response: it is accepted: goes on with a DATA
payload/average-nan
  response: it is accepted: goes on with a DATA
silence/no-challenge
  client-timers: silence; it still waits after # s
silence/no-answer
  client-timers: silence; it still waits after # s
`,
} as const

/** Omissions with which most cases fail: nothing is told of one case by them. */
export const GENERAL: readonly string[] = ['server client-commits-on-send']
