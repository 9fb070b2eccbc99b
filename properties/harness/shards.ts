/** Shares of the work of one run, for as many machines. */
import { custom } from './terminal/options.ts'

export interface Shard {
  /** 1..of */
  readonly index: number
  readonly of: number
}

export const shardText = (s: Shard): string => `${s.index}/${s.of}`

const MOST_SHARDS = 64

/** Options of what can be shared out. */
export const SHARD_SHAPE = {
  shard: custom<Shard, null>(
    { value: 'I/N', says: `this share of the work alone, 1/1..${MOST_SHARDS}/${MOST_SHARDS}`, default: null },
    (text) => {
      const [, index, of] = (/^([1-9]\d?)\/([1-9]\d?)$/.exec(text) ?? []).map(Number)
      if (index === undefined || of === undefined || index > of || of > MOST_SHARDS)
        return { expected: `I/N with I from 1 to N and N at most ${MOST_SHARDS}` }
      return { value: { index, of } }
    },
  ),
}

/** What of `all` this share has: every one is in exactly one share. Null: all of it. */
export const shareOf = <T>(all: readonly T[], shard: Shard | null): readonly T[] =>
  shard === null ? all : all.filter((_, i) => i % shard.of === shard.index - 1)
