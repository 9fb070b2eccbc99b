/** Every plaintext codec against the reference: any bytes taken as every payload there is. */
import { decodeBody } from '../../spec/dialects/payload.ts'
import type { Body } from '../../spec/events.ts'
import { OP } from '../../spec/opcodes.ts'
import { toHex, toUtf8 } from '../../spec/reference/bytes.ts'
import { isSubmittable, MAX_TEXT_BYTES, MAX_VALUES } from '../../spec/reference/payload.ts'
import { COUNT_WORDS, NUMBER_WORDS, PAYLOAD_LENGTHS, TEXT_WORDS } from '../engine/dictionary.ts'
import { type Mutator, u16 } from '../engine/input.ts'
import { bucket, expectSame, type Implementation, Mismatch, type Note, type Target } from '../engine/target.ts'
import { aggregateOf, CONTROL, DIALECT, dataOf } from './conversation.ts'

const TAG = { text: 1, values: 2, aggregate: 3, control: 4, length: 5, refusal: 6 } as const

const expected = (opcode: number, data: Uint8Array): Body => decodeBody(DIALECT, opcode, data)

const disagree = (what: string, got: unknown, body: Body): never => {
  throw new Mismatch(`${what} differs`, `expected ${JSON.stringify(body)}, got ${JSON.stringify(got)}`.slice(0, 400))
}

const text = ({ payload }: Implementation, data: Uint8Array, note: Note): void => {
  const got = payload.decodeText(data)
  for (const opcode of [OP.HELLO, OP.CHALLENGE]) {
    const body = expected(opcode, data)
    const said = body.kind === 'hello' || body.kind === 'challenge' ? body.text : null
    if (got !== said) disagree('text', got, body)
  }
  if (got !== null) expectSame('text encodes differently', payload.encodeText(got), data)
  note(TAG.text, got === null ? (data.length > MAX_TEXT_BYTES ? 0 : 1) : 2 + bucket(got.length))
}

const values = ({ payload }: Implementation, data: Uint8Array, note: Note): void => {
  const got = payload.decodeValues(data)
  const body = expected(OP.DATA, data)
  const said = body.kind === 'data' ? body.values : null
  const same =
    got === null || said === null
      ? got === said
      : got.length === said.length && got.every((v, i) => Object.is(v, said[i]))
  if (!same) disagree('values', got, body)
  if (got !== null) expectSame('values encode differently', payload.encodeValues(got), data)
  note(TAG.values, got === null ? 0 : 1 + bucket(got.length))
}

const aggregate = ({ payload }: Implementation, data: Uint8Array, note: Note): void => {
  const got = payload.decodeAggregate(data)
  const body = expected(OP.RESPONSE, data)
  if (got === null || body.kind !== 'aggregate') {
    if (got !== null || body.kind === 'aggregate') disagree('aggregate', got, body)
    note(TAG.aggregate, 0)
    return
  }
  const same = Object.is(got.sum, body.sum) && got.count === body.count && Object.is(got.average, body.average)
  if (!same) disagree('aggregate', got, body)
  expectSame('aggregate encodes differently', payload.encodeAggregate(got), data)
  expectSame('status differs', payload.statusOf(data), data.subarray(0, 1)) // PROTOCOL §5: the status byte
  expectSame('aggregated data differs', payload.aggregatedDataOf(data), data.subarray(1)) // §5: the other 20
  note(TAG.aggregate, 1 + bucket(got.count))
}

const control = ({ payload }: Implementation, data: Uint8Array, note: Note): void => {
  const got = payload.isControlPayload(data)
  for (const opcode of [OP.DESYNC, OP.TERMINATE]) {
    const body = expected(opcode, data)
    if (got !== (body.kind === 'control')) disagree('control', got, body)
  }
  note(TAG.control, got ? 1 : 0)
}

/** PROTOCOL §5: what a local caller may not send is refused locally. The bytes are taken as numbers, without a count. */
const refusal = ({ payload }: Implementation, data: Uint8Array, note: Note): void => {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const numbers = Array.from({ length: data.length >> 3 }, (_, i) => view.getFloat64(8 * i))
  const problem = payload.valuesProblem(numbers)
  const fine = numbers.length >= 1 && numbers.length <= MAX_VALUES && numbers.every(isSubmittable)
  if (fine !== (problem === null))
    throw new Mismatch('local refusal differs', `${problem} for ${toHex(data).slice(0, 80)}`)
  note(TAG.refusal, problem === null ? 0 : problem.length)
}

const setLength: Mutator = (input, rng) => input.resize(rng.pick(PAYLOAD_LENGTHS))

/** The count that fits the length, or the length that fits the count. */
const repairCount: Mutator = (input, rng) => {
  if (rng.oneIn(2)) input.write(0, u16((input.length - 2) >> 3))
  else input.resize(2 + 8 * ((input.at(0) << 8) | input.at(1)))
}

/** A number of its own sort into a place where one is read. */
const setNumber: Mutator = (input, rng) => {
  const at = rng.oneIn(3) ? rng.pick([1, 13]) : 2 + 8 * rng.below(Math.max(1, (input.length - 2) >> 3))
  input.write(at, rng.pick(NUMBER_WORDS))
}

const setStatus: Mutator = (input, rng) => input.put(0, rng.oneIn(2) ? 0 : rng.below(256))

const PRINTED = 12

export const payload: Target = {
  name: 'payload',
  says: 'every plaintext decodes to the same payload as in the reference, or to none, and encodes back to its bytes',
  modules: ['src/payload.ts'],
  maxBytes: 4_200, // beyond the longest plaintext
  seeds: () => [
    new Uint8Array(0),
    CONTROL,
    toUtf8('Hello from client 1'),
    dataOf([10, 20]),
    dataOf([-0, 1e300, 5e-324]),
    aggregateOf(30, 2),
  ],
  dictionary: [...COUNT_WORDS, ...NUMBER_WORDS, ...TEXT_WORDS],
  mutators: [setLength, repairCount, setNumber, setStatus],
  oracle: (src) => (data, note) => {
    text(src, data, note)
    values(src, data, note)
    aggregate(src, data, note)
    control(src, data, note)
    refusal(src, data, note)
    note(TAG.length, bucket(data.length))
  },
  render: (data) => {
    const said = Object.entries(OP).map(([name, opcode]): string => {
      const body = JSON.stringify(expected(opcode, data))
      return `as ${name.padEnd(9)} ${body.length > 160 ? `${body.slice(0, 157)}...` : body}`
    })
    return [`${data.length} bytes: ${toHex(data.subarray(0, 8 * PRINTED))}`, ...said]
  },
}
