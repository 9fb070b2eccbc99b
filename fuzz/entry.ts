/** A target as other fuzzers call it: `(data: Uint8Array) => void`, which throws on a violation. */
import { Input } from './engine/input.ts'
import type { Implementation, Target } from './engine/target.ts'

export const entryOf = (target: Target, src: Implementation): ((data: Uint8Array) => void) => {
  const oracle = target.oracle(src)
  return (data) => oracle(Input.holding(data), () => {})
}
