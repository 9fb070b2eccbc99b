/** What a soak has measured. Plain data that grows while it runs. */

import { createHistogram } from 'node:perf_hooks'
import type { EndReason } from '../../../src/index.ts'
import type { NewcomerReply } from './child.ts'
import type { Phase } from './plan.ts'

/** Bursts of one kind. */
export interface Pace {
  exchanges: number
  ms: number
  serverCpuUs: number
  readonly latencies: Times
}

export interface Figures {
  readonly paces: Record<Phase['kind'] | 'echo', Pace>
  /** Of each calm burst and the echo of its frames: rounds/s by rounds/s, and CPU by CPU of the server's process. */
  readonly ratios: { readonly speed: number; readonly cpu: number }[]
  due: number // honest rounds that were sent, or could not be
  answered: number // of those; at the end of a burst, with an answer that its client accepted
  lost: number // of those; at the end of a burst
  checked: number // aggregates
  newcomer: Omit<NewcomerReply, 'kind' | 'answers'>
  server: { startRss: number; peakRss: number; ended: Readonly<Partial<Record<EndReason, number>>> }
  hostile: Readonly<Record<string, number>> // connections of each kind
  readonly problems: string[]
  interrupted: boolean
}

export const newPace = (): Pace => ({ exchanges: 0, ms: 0, serverCpuUs: 0, latencies: new Times() })

export const newFigures = (): Figures => ({
  paces: { 'warm-up': newPace(), calm: newPace(), attack: newPace(), echo: newPace() },
  ratios: [],
  due: 0,
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

/** What has to hold, and does not. */
export const violations = (f: Figures, answerMs: number): string[] => {
  const all = [...f.problems]
  const lost = f.lost + f.newcomer.lost
  if (lost > 0) all.push(`${lost} honest rounds lost`)
  if (f.newcomer.longestMs > answerMs)
    all.push(`a new honest client waited ${Math.round(f.newcomer.longestMs)} ms, at most ${answerMs} are allowed`)
  const [peak, bound] = [f.server.peakRss, rssBound(f.server.startRss)]
  if (peak > bound) all.push(`the server took ${peak} bytes of memory, at most ${bound} are allowed`)
  return all
}

/** Durations, in as much memory for a billion of them as for ten. */
export class Times {
  readonly #us = createHistogram({ figures: 3 })

  add(ms: number): void {
    this.#us.record(Math.max(1, Math.round(ms * 1_000))) // 1 is the least it takes
  }

  /** ms; 0 of none. */
  get longest(): number {
    return this.#us.count === 0 ? 0 : this.#us.max / 1_000
  }

  /** The ms that `share` per cent of them did not exceed, to three figures; 0 of none. */
  percentile(share: number): number {
    return this.#us.count === 0 ? 0 : this.#us.percentile(share) / 1_000
  }
}

/** Monotonic milliseconds, on one scale for all processes of this machine. */
export const clock = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1_000_000
}
