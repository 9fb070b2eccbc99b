import { expect, it } from 'vitest'
import { judgeOutput, proverifVersion } from './proverif.ts'

/** What ProVerif 2.05 prints of a query, with this verdict. */
const results = (agreement: string): string => `
Verification summary:
RESULT not event(Got(id_2,h_2,ch_2,R2,d_2,a_2)) is false.
RESULT not attacker(v1[]) is true.
RESULT not attacker(v2[]) is true.
RESULT inj-event(Accepted(id_2,h_2,ch_2,r_2,v)) ==> inj-event(Sent(id_2,h_2,ch_2,r_2,v)) || event(Insider(id_2)) || event(Waiting(id_2,h_2)) || event(Leaked(id_2,h_2,ch_2,r')) ${agreement}.
RESULT inj-event(Got(id_2,h_2,ch_2,r_2,d_2,a_2)) ==> inj-event(Answered(id_2,h_2,ch_2,r_2,d_2,a_2)) is true.
RESULT event(EndedByClient(id_2,h_2,ch_2,r_2)) ==> event(Left(id_2,h_2,ch_2,r_2)) || event(Insider(id_2)) is true.
RESULT event(EndedByServer(id_2,h_2,ch_2,r_2)) ==> event(Refused(id_2,h_2,ch_2,r_2)) is true.
RESULT attacker(v_2) && event(Sent(id_2,h_2,ch_2,R1,v_2)) ==> event(Waiting(id_2,h_2)) || event(Leaked(id_2,h_2,ch_2,R1)) is true.
RESULT attacker(v_2) && event(Sent(id_2,h_2,ch_2,R2,v_2)) ==> event(Waiting(id_2,h_2)) || event(Leaked(id_2,h_2,ch_2,r')) is true.
`

it('as expected in bound is no problem', () => expect(judgeOutput(results('is true'), 'bound')).toEqual([]))

it.each([
  ['is false', 'got false'],
  ['cannot be proved', 'got cannot be proved'],
  ['is', 'got no verdict'],
])('an agreement that %s is one', (verdict, got) => {
  expect(judgeOutput(results(verdict), 'bound').map((p) => p.text)).toEqual([
    `ProVerif, bound, injective agreement, client to server: expected true, ${got}`,
  ])
})

it('the four agreements of bound are four problems in literal', () =>
  expect(judgeOutput(results('is true'), 'literal')).toHaveLength(4))

it('values that stay secret although all keys leak are two problems', () =>
  expect(judgeOutput(results('is true'), 'bound, with leaks').map((p) => p.text)).toEqual([
    'ProVerif, bound, with leaks, secrecy of the first value: expected false, got true',
    'ProVerif, bound, with leaks, secrecy of the second value: expected false, got true',
  ]))

it('a prover that stops early is as many problems as it answers no query', () =>
  expect(judgeOutput('Error: syntax error', 'bound')).toHaveLength(9))

it('a prover that is not there has no version', () => expect(proverifVersion({ PATH: '/nowhere' })).toBeNull())
