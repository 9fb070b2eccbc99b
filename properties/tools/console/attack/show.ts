/** Captured frames for a person. */
import type { FrameId } from '../../../../spec/events.ts'
import { type FrameLine, frameBook } from '../../../harness/attack/frames.ts'
import { frameText } from '../../../harness/attack/print.ts'
import type { Scene } from './scene.ts'

/** Every frame that an endpoint sent, once, in the order of sending. */
export const captured = (s: Scene): readonly FrameLine[] =>
  frameBook(s.world, new Set(s.world.wire.frames.map((f) => f.id)))

/** One of them in a menu. */
export const label = (f: FrameLine): string =>
  `${f.frame}  ${f.name} r${f.round}  client ${f.id}  ${f.says.slice(0, 40)}`

/** Those among `frames`. */
export const frameLines = (s: Scene, frames: readonly FrameId[]): readonly string[] =>
  frameBook(s.world, new Set(frames)).map(frameText)
