/** What the network does to a frame under way. */
import fc from 'fast-check'
import { anyFrame, cuts, edit, hex, int, one, PREFIXES } from '../arbitraries.ts'
import { each, receiver, type Scenario, upTo } from './scenario.ts'

/** A frame under way arrives altered. */
export const tampered = (rounds: number): Scenario =>
  each((kind) =>
    fc.tuple(upTo(kind, rounds), fc.record({ do: one('deliver'), frame: one(-1), to: one(receiver(kind)), edit })),
  )

/** A frame under way arrives in pieces, or with others behind it in the same chunk. */
export const inPieces = (rounds: number): Scenario =>
  each((kind) =>
    fc.tuple(
      upTo(kind, rounds),
      fc.record(
        {
          do: one('deliver'),
          frame: one(-1),
          to: one(receiver(kind)),
          cuts,
          edit,
          with: fc.array(anyFrame, { minLength: 1, maxLength: 2 }),
        },
        { requiredKeys: ['do', 'frame', 'to', 'cuts'] },
      ),
    ),
  )

/** Something else arrives where a frame is awaited. */
export const instead = (rounds: number): Scenario =>
  each((kind) =>
    fc.tuple(upTo(kind, rounds), fc.record({ do: one('deliver'), frame: anyFrame, to: one(receiver(kind)) })),
  )

/** The start of something whose length is at a limit of PROTOCOL §2, where a frame is awaited. */
export const prefixed = (rounds: number): Scenario =>
  each((kind) =>
    fc.tuple(
      upTo(kind, rounds),
      fc.record({
        do: one('inject'),
        to: one(receiver(kind)),
        hex: fc.oneof(
          { weight: 3, arbitrary: fc.tuple(one(...PREFIXES), hex(12)).map((h) => h.join('')) },
          // as much as a whole frame and more of what must not be buffered
          { weight: 1, arbitrary: fc.tuple(one(...PREFIXES), int(4_100, 4_400)).map(([p, n]) => p + '00'.repeat(n)) },
        ),
      }),
    ),
  )
