/**
 * The lines of spec/ADAPTER.md, one JSON object each: what the harness says to an adapter on its standard input, and what
 * an adapter says on its standard output. spec/adapter.schema.json is made of these.
 */
import { z } from 'zod'
import { REASONS } from './events.ts'
import { LIMITS, MODES } from './language.ts'

export const ADAPTER_PROTOCOL = 1

const hex = z.string().regex(/^([0-9a-fA-F]{2})*$/, 'expected hex of whole bytes')
const at = z.string().regex(/^[cs](0|[1-9]\d{0,8})$/, 'expected an endpoint such as s0 or c12')
const u32 = z.int().min(0).max(0xffff_ffff)
const count = z.int().min(0)
const now = z.number().describe('ms since the start of the schedule')
const limits = z.strictObject(
  Object.fromEntries(Object.keys(LIMITS).map((name) => [name, z.number()])) as Record<keyof typeof LIMITS, z.ZodNumber>,
)
const value = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity', '-0'])])

/** Of an adapter that can `ahead`, where its transport takes what it sends: then it says all in the closing line. */
const draws = z.array(hex).optional().describe('what rng would give next, 16 bytes each')
/** Of an adapter that can `batch`. */
const world = count.optional().describe('the number of the schedule and role, where there are several at once')

const view = z.strictObject({
  id: z.int().min(0).max(255),
  phase: z.enum(['INIT', 'ACTIVE', 'TERMINATED']),
  round: u32,
  confirmed: z.boolean().describe('server only'),
  outstanding: z.boolean().describe('client only: a DATA awaits its response'),
  keys: z.tuple([hex, hex, hex, hex]).nullable().describe('C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC; null once overwritten'),
})

/** What the harness says. `op` names the call; an adapter answers one that it does not know with `unsupported`. */
export const callSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('init'),
    protocol: z.literal(ADAPTER_PROTOCOL),
    role: z.enum(['client', 'server']),
    mode: z.enum(MODES),
    keys: z.record(z.string(), hex).describe('client id in decimal: master key'),
    limits,
    challenge: z.union([z.enum(['fresh', 'constant']), z.strictObject({ hex })]),
    startRound: u32.describe('sessions enter ACTIVE in this round; for adapters that can'),
    world,
  }),
  z.strictObject({ op: z.literal('open'), at, id: z.int(), now, hello: hex.optional(), draws, world }),
  z.strictObject({ op: z.literal('receive'), at, hex, now, draws, world }),
  z.strictObject({ op: z.literal('submit'), at, values: z.array(value), now, draws, world }),
  z.strictObject({ op: z.literal('finish'), at, now, draws, world }),
  z.strictObject({ op: z.literal('close'), at, now, world }),
  z.strictObject({ op: z.enum(['tick', 'restart']), now, world }),
  z.strictObject({ op: z.literal('view'), at, world }),
])
export type Call = z.output<typeof callSchema>

/** What an adapter can do beyond `init`, `open`, `receive`, `close` and, as a client, `submit`. */
export const CAPABILITIES = ['finish', 'tick', 'restart', 'rng', 'view', 'startRound', 'ahead', 'batch'] as const
export type Capability = (typeof CAPABILITIES)[number]

/** What an adapter can report. The first three it must. */
export const REPORTS = ['accepted', 'rejected', 'ended', 'committed', 'primitive', 'memory', 'told'] as const
const ENDED_BY = ['peer', 'rejection', 'timer', 'supersede', 'evicted', 'close', 'finish', 'fault'] as const

const aggregate = z.strictObject({ sum: value, count, average: value })
const told = z.strictObject({
  opcode: z.int(),
  id: z.int().optional(),
  round: u32.optional(),
  text: z.string().optional().describe('of a HELLO or a CHALLENGE'),
  values: z.array(value).optional().describe('of a DATA'),
  aggregate: aggregate.optional().describe('of an AGGR_RESPONSE'),
  answer: aggregate.optional().describe('server: what it answers to a DATA'),
})
export type AdapterTold = z.output<typeof told>

const report = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal('accepted'), at, hex, told: told.optional() }),
  z.strictObject({ on: z.literal('rejected'), at, hex: hex.nullable(), reason: z.enum(REASONS).nullable() }),
  z.strictObject({ on: z.literal('ended'), at, by: z.enum(ENDED_BY) }),
  z.strictObject({ on: z.literal('committed'), at, view }),
  z.strictObject({
    on: z.literal('primitive'),
    at,
    op: z.enum(['hmac', 'encrypt', 'decrypt', 'erase']),
    key: hex,
    data: hex,
  }),
])

/** What an adapter may say between a call and its closing line. */
export const requestSchemas = {
  send: z.strictObject({ send: z.strictObject({ at, hex }) }),
  rng: z.strictObject({ rng: z.strictObject({ at, bytes: z.int().min(0).max(32) }) }),
  report: z.strictObject({ report }),
}
export type AdapterReport = z.output<typeof report>
export type AdapterView = z.output<typeof view>

const failed = { error: z.string().optional().describe('why it is not ok, for people') }

/** How an adapter closes a call. */
export const closingSchemas = {
  init: z.strictObject({
    ok: z.literal(true),
    emits: z
      .array(z.enum(REPORTS))
      .refine(
        (all) => REPORTS.slice(0, 3).every((e) => all.includes(e)),
        'expected accepted, rejected, ended and more',
      ),
    can: z.array(z.enum(CAPABILITIES)),
  }),
  view: z.strictObject({ ok: z.boolean(), ...failed, view: view.nullable() }),
  call: z.strictObject({
    ok: z.boolean(),
    ...failed,
    memory: z.strictObject({ buffered: count, retained: count, connections: count }).optional(),
    drew: count.optional().describe('how many of the draws of the call it used'),
    said: z
      .array(z.strictObject({ report: report.optional(), send: requestSchemas.send.shape.send.optional() }))
      .optional()
      .describe('of a call with draws: what it sends and reports, in order'),
  }),
  unsupported: z.strictObject({ unsupported: z.literal(true) }),
}
export type Closing = z.output<typeof closingSchemas.call>
export type Started = z.output<typeof closingSchemas.init>

/** Answers of the harness to `send` and `rng`. */
const answers = { sent: z.strictObject({ ok: z.boolean() }), drawn: z.strictObject({ hex }) }

/** As JSON Schema: every line in either direction. */
export const adapterJsonSchema = (): unknown =>
  z.toJSONSchema(
    z.strictObject({
      harness: z.union([callSchema, z.array(callSchema), ...Object.values(answers)]),
      adapter: z.union([...Object.values(requestSchemas), ...Object.values(closingSchemas)]),
    }),
    { reused: 'ref' },
  )
