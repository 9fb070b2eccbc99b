/** Several sessions in each other’s way: connections at their limit, two sessions of one client. */
import fc, { type Arbitrary } from 'fast-check'
import { type Action, type End, LIMITS } from '../../../../spec/language.ts'
import { edit, int, NEW, one, upTo } from '../arbitraries.ts'
import { KINDS, type Kind, receiver, type Scenario, upTo as until } from './scenarios.ts'

/** More connections than there is room for, in every state. */
export const crowd: Scenario = fc.array(
  fc.oneof<Arbitrary<Action>[]>(
    fc.record({ do: one('inject'), to: one<End>({ side: 'server', n: NEW }), hex: one('', '00') }),
    fc.record({ do: one('converse'), client: int(0, 2), rounds: one(0, 1) }),
    fc.record({ do: one('converse'), client: int(0, 2), rounds: one(0), until: one('challenge', 'data') }),
  ),
  { minLength: 2, maxLength: 6 },
)

/**
 * Two runs of one client, both with a session: the first DATA of either confirms it, and supersedes the other or is
 * refused because of it. The connection of the second may be the older one, and an answer may fail to be handed over.
 */
export const rivals = (leaks = false): Scenario =>
  fc
    .record({
      client: int(0, 2),
      early: fc.boolean(),
      newerFirst: fc.boolean(),
      fails: one('none', 'none', 'first', 'second'),
      leaves: one('nobody', 'nobody', 'older', 'newer'),
      leavesAt: one('once', 'once confirmed'),
      how: one('finish', 'close', 'altered'),
      leaked: leaks ? one(-2, -1) : one(null),
    })
    .map(({ client, early, newerFirst, fails, leaves, leavesAt, how, leaked }) => {
      const server = (n: number): End => ({ side: 'server', n })
      const submits = (run: number, connection: number, failing: boolean): readonly Action[] => [
        { do: 'submit', run, values: [2] },
        ...(failing ? [{ do: 'failSend', at: server(connection) } as const] : []),
        // whom an action names has become the most recent
        { do: 'deliver', frame: -1, to: server(failing ? -1 : connection) },
      ]
      // one of the two ends, which must not touch the other
      const gone = leaves === 'older' ? -2 : -1
      const departs: readonly Action[] =
        how === 'finish'
          ? [
              { do: 'finish', run: gone },
              { do: 'deliver', frame: -1, to: server(gone) },
            ]
          : how === 'close'
            ? [{ do: 'close', at: server(gone) }]
            : [{ do: 'inject', to: server(gone), hex: '00000000' }]
      const leaving = (when: typeof leavesAt): readonly Action[] =>
        leaves !== 'nobody' && leavesAt === when ? departs : []
      const opened: readonly Action[] = early ? [{ do: 'inject', to: server(NEW), hex: '' }] : []
      return [
        ...opened,
        { do: 'connect', client },
        { do: 'deliver', frame: -1, to: server(NEW) },
        { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
        { do: 'connect', client },
        { do: 'deliver', frame: -1, to: server(early ? -2 : NEW) },
        { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
        ...(leaked === null ? [] : [{ do: 'leak', at: server(leaked) } as const]),
        ...leaving('once'),
        ...submits(newerFirst ? -1 : -2, newerFirst ? -1 : -2, fails === 'first'),
        ...leaving('once confirmed'),
        ...submits(-2, -2, fails === 'second'),
        { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
      ]
    })

/** The keys of a client leak while it waits for its CHALLENGE; before or after that it runs once more. */
export const robbed: Scenario = fc
  .record({ client: int(0, 2), before: fc.boolean(), joins: fc.boolean() })
  .map(({ client, before, joins }) => {
    const run: Action = { do: 'connect', client }
    const leak: Action = { do: 'leak', at: { side: 'client', n: -1 } }
    const joined: Action = { do: 'deliver', frame: -1, to: { side: 'server', n: NEW } }
    return [...(before ? [run] : []), run, leak, ...(joins ? [joined] : []), ...(before ? [] : [run])]
  })

/** More runs of a client than may be half open, on connections that greet in another order than they were opened in. */
export const greeted: Scenario = fc
  .record({
    client: int(0, 2),
    // whom an action names has become the most recent: in order, in reverse, and the last one first
    greets: one([-1], [-2, -2], [-1, -2], [-3, -3, -3], [-1, -2, -3], [-1, -3, -3], [-1, -2, -3, -4, -5]),
    passes: one(0, 0, LIMITS.helloMs, LIMITS.unconfirmedMs),
  })
  .map(({ client, greets, passes }): readonly Action[] => [
    ...greets.map((): Action => ({ do: 'inject', to: { side: 'server', n: NEW }, hex: '' })),
    ...greets.flatMap((n): readonly Action[] => [
      { do: 'connect', client },
      { do: 'deliver', frame: -1, to: { side: 'server', n } },
    ]),
    ...(passes > 0 ? [{ do: 'advance', ms: passes } as const] : []),
  ])

/** A confirmed session ends in one way or another while another run of its client is half open, which goes on. */
export const siblings: Scenario = fc
  .record({ client: int(0, 2), how: one('finish', 'close', 'reject') })
  .map(({ client, how }): readonly Action[] => {
    const elder: End = { side: 'server', n: -2 } // whom an action names has become the most recent
    const ends: Readonly<Record<typeof how, readonly Action[]>> = {
      finish: [
        { do: 'finish', run: -2 },
        { do: 'deliver', frame: -1, to: elder },
      ],
      close: [{ do: 'close', at: elder }],
      reject: [{ do: 'inject', to: elder, hex: '00000000' }],
    }
    return [
      { do: 'converse', client, rounds: 1 },
      { do: 'connect', client },
      { do: 'deliver', frame: -1, to: { side: 'server', n: NEW } },
      ...ends[how],
      { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
    ]
  })

/** Two frames under way to two receivers arrive in turns, in pieces of any size; one of them may be altered. */
export const interleaved = (rounds: number): Scenario => {
  const half = (kinds: typeof KINDS): Arbitrary<{ kind: Kind; lead: Action; part: Action }> =>
    one(...kinds).chain((kind) =>
      fc.record({
        kind: one(kind),
        lead: until(kind, rounds),
        part: fc.record(
          { do: one('deliver'), frame: one(-1), to: one(receiver(kind)), upTo, edit },
          { requiredKeys: ['do', 'frame', 'to', 'upTo'] },
        ),
      }),
    )
  const more = fc.array(upTo, { maxLength: 2 })
  return fc.tuple(half(KINDS), half(KINDS), more).map(([a, b, pieces]): readonly Action[] => {
    const sides = [receiver(a.kind).side, receiver(b.kind).side] as const
    // whom an action names has become the most recent
    const next = (i: number): End => ({ side: sides[i % 2]!, n: sides[0] === sides[1] ? -2 : i === 0 ? -2 : -1 })
    const rest = (i: number): Extract<Action, { do: 'continue' }> => ({ do: 'continue', to: next(i) })
    return [
      ...[a.lead, a.part, b.lead, b.part],
      ...pieces.map((upTo, i): Action => ({ ...rest(i), upTo })),
      ...[0, 1].map((i) => rest(pieces.length + i)),
    ]
  })
}
