import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { opcodesOf } from '../../../spec/dialects/opcodes.ts'
import { writeData, writeHello, writeResponse } from '../../../spec/dialects/payload.ts'
import { OP } from '../../../spec/opcodes.ts'
import { utf8 } from '../../../spec/reference/bytes.ts'
import { dataHex } from '../generate/payloads.ts'
import { spokenIn } from '../target/dialects.ts'
import { answeredBy, inWorld, ownHeader, theirEdit, theirSeal } from './foreign.ts'
import { masterKey } from './rng.ts'

const A = inWorld({
  ...spokenIn('a', 'bound').dialect,
  opcodes: opcodesOf({ HELLO: 1, DATA: 3 }),
  directions: { c2s: 0, s2c: 1 },
})
const IV = new Uint8Array(16)

describe('which frame an answer is to', () => {
  const start = new Followers(A).start(1, masterKey(1))
  const header = (opcode: number, round: number, side: 'c2s' | 's2c') => ({
    opcode,
    id: 1,
    round,
    direction: A.directions[side],
  })
  const hello = start.seal('c2s', header(OP.HELLO, 0, 'c2s'), writeHello(A, 1), IV)
  const greeted = start.after(hello)
  const challenge = greeted.seal('s2c', header(OP.CHALLENGE, 0, 's2c'), Uint8Array.of(65), IV)
  const active = greeted.after(challenge)
  const data = active.seal('c2s', header(OP.DATA, 1, 'c2s'), writeData(A, [5]), IV)
  const answer = active.after(data).seal('s2c', header(OP.RESPONSE, 1, 's2c'), writeResponse(A, [5], 1), IV)
  const foreign = data.with(1, 2)
  const at = () => active

  it('is the one that may pass, whatever was passed over in silence before it', () => {
    expect(answeredBy(answer, [data], at)).toBe(0)
    expect(answeredBy(answer, [foreign, data], at)).toBe(1)
    expect(answeredBy(answer, [null, foreign, data], at)).toBe(2)
  })

  it('is the only other one, and of several nobody can tell', () => {
    expect(answeredBy(answer, [foreign], at)).toBe(0)
    expect(answeredBy(answer, [foreign, hello], at)).toBeNull()
  })

  it('is none where it does not open', () => {
    expect(answeredBy(answer.with(-1, answer.at(-1)! ^ 1), [data], at)).toBeNull()
    expect(answeredBy(challenge, [data], at)).toBeNull()
    expect(answeredBy(answer, [], at)).toBeNull()
  })

  it('has the header of PROTOCOL in its events', () => {
    expect(ownHeader(A, data)).toEqual({ opcode: 30, id: 1, round: 1, direction: 1 })
    expect(ownHeader(A, answer)).toEqual({ opcode: 40, id: 1, round: 1, direction: 2 })
    expect(ownHeader(A, data.with(6, 2))?.direction).toBe(255)
    expect(ownHeader(A, new Uint8Array(6))).toBeNull()
  })
})

describe('what the adversary says in the numbers of PROTOCOL', () => {
  it('is said in those of the dialect', () => {
    expect(theirEdit(A, { do: 'set', field: 'opcode', value: 30 })).toMatchObject({ value: 3 })
    expect(theirEdit(A, { do: 'set', field: 'direction', value: 2 })).toMatchObject({ value: 1 })
    expect(theirEdit(A, { do: 'set', field: 'direction', value: 0 })).toMatchObject({ value: 255 })
    expect(theirEdit(A, { do: 'set', field: 'id', value: 30 })).toMatchObject({ value: 30 })
    const { direction, plaintext } = theirSeal(A, { opcode: OP.DATA, direction: 1, body: dataHex([5, 7]) }, 1)
    expect([direction, utf8(plaintext)]).toEqual([0, '5,7'])
    expect(theirSeal(A, { opcode: OP.DATA, direction: 1, body: 'ff' }, 1).plaintext).toEqual(Uint8Array.of(0xff))
  })

  it('is itself in PROTOCOL', () => {
    const seal = { opcode: OP.HELLO, direction: 7, body: '68656c6c6f' }
    expect(theirSeal(PROTOCOL.bound, seal, 1)).toEqual({
      direction: 7,
      plaintext: Uint8Array.from(Buffer.from('hello')),
    })
    const edit = { do: 'set', field: 'opcode', value: 99 } as const
    expect(theirEdit(PROTOCOL.bound, edit)).toEqual(edit)
  })
})
