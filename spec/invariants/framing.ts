/** F: bytes become frames, and nothing else happens. */
import { endName, type FrameId, sameEnd } from '../events.ts'
import type { End } from '../language.ts'
import { define, violated } from './invariant.ts'

interface Frames {
  /** The endpoint whose accepted frame may account for the next change, if any. */
  readonly credit: string | null
  /** The frame that arrived last, and where. */
  readonly last: { readonly at: End; readonly frame: FrameId | null } | null
}
const NO_FRAMES: Frames = { credit: null, last: null }

export const F1 = define<Frames>({
  id: 'F1',
  says: 'any bytes on any connection: no exception, and each change of a session comes from exactly one accepted frame',
  needs: ['step', 'fault', 'delivered', 'accepted', 'rejected', 'committed', 'settled'],
  witness: {
    says: 'a frame that nobody sent reached a live endpoint',
    floor: 2_100,
    hit: (e) => e.on === 'delivered' && e.origin === 'altered',
  },
  start: NO_FRAMES,
  step(s, e) {
    switch (e.on) {
      case 'step':
      case 'settled':
        return NO_FRAMES
      case 'delivered':
        return { ...s, last: { at: e.at, frame: e.frame } }
      case 'fault':
        return violated(`an exception escaped at ${endName(e.at)}: ${e.error}`)
      case 'accepted':
        return arrived(s, e) ? { ...s, credit: endName(e.at) } : violated(`${endName(e.at)} accepted ${NOT_THERE}`)
      case 'rejected':
        // a stranger's verdict, without a reason, is inferred from its answer
        return e.reason === null || arrived(s, e) ? s : violated(`${endName(e.at)} rejected ${NOT_THERE}`)
      case 'committed': {
        const { before, view } = e
        if (view.phase === 'TERMINATED') return s
        const started = before === null && e.at.side === 'client' // its own HELLO, no frame received
        const moved =
          before === null ||
          before.phase !== view.phase ||
          before.round !== view.round ||
          before.confirmed !== view.confirmed ||
          before.keys?.some((k, i) => k !== view.keys?.[i])
        if (moved && !started && s.credit !== endName(e.at))
          return violated(`${endName(e.at)} moved to ${view.phase} round ${view.round} without an accepted frame`)
        return moved && !started ? { ...s, credit: null } : s
      }
      default:
        return s
    }
  },
})

const NOT_THERE = 'a frame that is not the one that arrived'
const arrived = ({ last }: Frames, e: { at: End; frame: FrameId | null }): boolean =>
  last !== null && sameEnd(last.at, e.at) && last.frame === e.frame

const MAX_HELD = 4 + 4_167 // PROTOCOL §2: the length prefix and the longest frame

export const F4 = define<null>({
  id: 'F4',
  says: 'at most one frame and its length prefix is buffered per connection',
  needs: ['memory'],
  witness: { says: 'an incomplete frame was held back', floor: 200, hit: (e) => e.on === 'memory' && e.buffered > 0 },
  step: (s, e) =>
    e.on === 'memory' && e.buffered > MAX_HELD ? violated(`${endName(e.at)} holds ${e.buffered} bytes back`) : s,
})
