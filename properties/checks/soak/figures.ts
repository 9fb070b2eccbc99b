/** What a soak has measured, and what of it has to hold. Plain data that grows while it runs. */
import { z } from 'zod'
import type { Problem } from '../../harness/report/outcome.ts'

const counts = z.record(z.string(), z.number())

export const schema = z.strictObject({
  answerMs: z.number(), // the longest that a new honest client may wait
  /** Bursts of one kind; `cpuUs`: of the server's process, for each exchange. */
  paces: z.array(
    z.strictObject({
      name: z.string(),
      exchanges: z.number(),
      perSecond: z.number(),
      p50Ms: z.number(),
      p99Ms: z.number(),
      cpuUs: z.number(),
    }),
  ),
  /**
   * Of each calm burst and the echo of its frames: rounds/s by rounds/s, and CPU by CPU of the server's process; `least`:
   * that of the echo and of the cryptographic calls by themselves, `cryptoUs` a round, by that of the rounds.
   */
  ratios: z.array(z.strictObject({ speed: z.number(), cpu: z.number(), least: z.number(), cryptoUs: z.number() })),
  answered: z.number(), // honest rounds; at the end of a burst, with an answer that its client accepted
  lost: z.number(), // those that were sent, or could not be, and not answered; at the end of a burst
  checked: z.number(), // aggregates
  newcomer: z.strictObject({
    served: z.number(), // times, from the connection to the answer of a first round
    turnedAway: z.number(), // times, before it had submitted anything
    lost: z.number(), // submitted, and never answered
    longestMs: z.number(), // that it waited, or is waiting, from the first knock to the answer
    medianMs: z.number(),
    lateMs: z.number(), // that its own timers were overdue: what the machine alone makes anybody wait
  }),
  server: z.strictObject({ startRss: z.number(), peakRss: z.number(), ended: counts }), // bytes; connections, by why
  hostile: counts, // connections of each kind
  problems: z.array(z.string()),
  interrupted: z.boolean(),
})
export type Figures = z.infer<typeof schema>

/** `answerMs`: the longest that a new honest client may wait. */
export const newFigures = (answerMs: number): Figures => ({
  answerMs,
  paces: [],
  ratios: [],
  answered: 0,
  lost: 0,
  checked: 0,
  newcomer: { served: 0, turnedAway: 0, lost: 0, longestMs: 0, medianMs: 0, lateMs: 0 },
  server: { startRss: 0, peakRss: 0, ended: {} },
  hostile: {},
  problems: [],
  interrupted: false,
})

const KIB = 1024
const GARBAGE = 64 * KIB * KIB // what V8 lets lie between two collections, and compiled code
/** 64 KiB unsent (PROTOCOL §4); a read of Node, 64 KiB, worked on in slices, and one waiting; a frame; the session. */
const SOCKET = (64 + 64 + 64 + 5 + 7) * KIB
const SOCKETS = 1_024 // PROTOCOL §7, those that are closing included

/** Bytes that the server's process may have, given what it has when it starts: nothing in it grows with time. */
export const rssBound = (startRss: number): number => startRss + GARBAGE + SOCKETS * SOCKET

export const lostOf = (f: Figures): number => f.lost + f.newcomer.lost

/** What has to hold, and does not. */
export const problemsOf = (f: Figures): readonly Problem[] => {
  const { answerMs } = f
  const { peakRss: peak, startRss } = f.server
  const [waited, bound] = [f.newcomer.longestMs, rssBound(startRss)]
  const all = [...f.problems]
  if (lostOf(f) > 0) all.push(`${lostOf(f)} honest rounds lost`)
  if (waited > answerMs)
    all.push(`a new honest client waited ${Math.round(waited)} ms, at most ${answerMs} are allowed`)
  if (peak > bound) all.push(`the server took ${peak} bytes of memory, at most ${bound} are allowed`)
  return all.map((text) => ({ kind: 'violation', text }))
}
