/** What a soak has measured. Plain data that grows while it runs. */
import type { EndReason } from '../../src/index.ts'
import type { NewcomerReply } from './messages.ts'
import type { Stage } from './plan.ts'

/** Bursts of one kind. */
export interface Pace {
  exchanges: number
  ms: number
  serverCpuUs: number
  readonly latencies: number[] // ms
}

export interface Figures {
  readonly paces: Record<Stage['kind'] | 'echo', Pace>
  /** Of each calm burst and the echo of its frames: rounds/s by rounds/s, and CPU by CPU of the server's process. */
  readonly ratios: { readonly speed: number; readonly cpu: number }[]
  due: number // honest rounds of the bursts that took place, unless stopped before they were sent
  answered: number // of those, with an answer that its client accepted
  checked: number // aggregates
  newcomer: Omit<NewcomerReply, 'kind' | 'answers'>
  server: { startRss: number; peakRss: number; ended: Readonly<Partial<Record<EndReason, number>>> }
  hostile: Readonly<Record<string, number>> // connections of each kind
  readonly problems: string[]
  interrupted: boolean
}

const pace = (): Pace => ({ exchanges: 0, ms: 0, serverCpuUs: 0, latencies: [] })

export const newFigures = (): Figures => ({
  paces: { 'warm-up': pace(), calm: pace(), attack: pace(), echo: pace() },
  ratios: [],
  due: 0,
  answered: 0,
  checked: 0,
  newcomer: { served: 0, turnedAway: 0, lost: 0, longestMs: 0 },
  server: { startRss: 0, peakRss: 0, ended: {} },
  hostile: {},
  problems: [],
  interrupted: false,
})

/** The value that a share of all, 0..1, does not exceed; NaN of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

const KIB = 1024
const GARBAGE = 64 * KIB * KIB // what V8 lets lie between two collections, and compiled code
/** 64 KiB unsent (PROTOCOL §4); a read of Node, 64 KiB, worked on in slices, and one waiting; a frame; the session. */
const SOCKET = (64 + 64 + 64 + 5 + 7) * KIB
const SOCKETS = 1_024 // PROTOCOL §7, those that are closing included

/** Bytes that the server's process may have, given what it has when it starts: nothing in it grows with time. */
export const rssBound = (startRss: number): number => startRss + GARBAGE + SOCKETS * SOCKET

/** What has to hold, and does not. */
export const violations = (f: Figures, answerMs: number): string[] => {
  const all = [...f.problems]
  const lost = f.due - f.answered + f.newcomer.lost
  if (lost > 0) all.push(`${lost} honest rounds lost`)
  if (f.newcomer.longestMs > answerMs)
    all.push(`a new honest client waited ${Math.round(f.newcomer.longestMs)} ms, at most ${answerMs} are allowed`)
  const [peak, bound] = [f.server.peakRss, rssBound(f.server.startRss)]
  if (peak > bound) all.push(`the server took ${peak} bytes of memory, at most ${bound} are allowed`)
  return all
}
