/** F: bytes become frames, and nothing else happens. */
import { endName } from '../events.ts'
import { define, violated } from './invariant.ts'

/** F1[N]; `start`: the endpoint whose accepted frame may account for the next change, if any. */
export const F1 = define<string | null>({
  id: 'F1',
  says: 'any bytes on any connection: no exception, and each change of a session comes from exactly one accepted frame',
  powers: 'NIL',
  needs: ['step', 'fault', 'delivered', 'accepted', 'committed'],
  literal: 'holds',
  witness: {
    says: 'a frame that nobody sent reached a live endpoint',
    floor: 2_100,
    hit: (e) => e.on === 'delivered' && e.origin === 'altered',
  },
  start: null,
  step(credit, e) {
    switch (e.on) {
      case 'step':
        return null
      case 'fault':
        return violated(`an exception escaped at ${endName(e.at)}: ${e.error}`)
      case 'accepted':
        return endName(e.at)
      case 'committed': {
        const { before, view } = e
        if (view.phase === 'TERMINATED') return credit
        const started = before === null && e.at.side === 'client' // its own HELLO, no frame received
        const moved =
          before === null ||
          before.phase !== view.phase ||
          before.round !== view.round ||
          before.confirmed !== view.confirmed ||
          before.keys?.some((k, i) => k !== view.keys?.[i])
        if (moved && !started && credit !== endName(e.at))
          return violated(`${endName(e.at)} moved to ${view.phase} round ${view.round} without an accepted frame`)
        return moved && !started ? null : credit
      }
      default:
        return credit
    }
  },
})

const MAX_HELD = 4 + 4_167 // PROTOCOL §2: the length prefix and the longest frame

export const F4 = define<null>({
  id: 'F4',
  says: 'at most one frame and its length prefix is buffered per connection',
  powers: 'NIL',
  needs: ['memory'],
  literal: 'holds',
  witness: { says: 'an incomplete frame was held back', floor: 200, hit: (e) => e.on === 'memory' && e.buffered > 0 },
  start: null,
  step: (s, e) =>
    e.on === 'memory' && e.buffered > MAX_HELD ? violated(`${endName(e.at)} holds ${e.buffered} bytes back`) : s,
})
