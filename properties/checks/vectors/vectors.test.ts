import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Reason } from '../../../spec/events.ts'
import { vectorFiles } from './check.ts'
import { type FileJson, format } from './format.ts'
import { FOLDER, vectorNames } from './play.ts'

const made = vectorFiles()
const read = (name: string): FileJson => JSON.parse(made.get(name)!)
const of = (mode: string): FileJson[] => [...made.keys()].filter((name) => name.startsWith(mode)).map(read)

it('the committed files are what the reference makes (npm run vectors)', () => {
  const committed = vectorNames()
  expect(committed.sort()).toEqual([...made.keys()].sort())
  for (const [name, text] of made) expect(readFileSync(new URL(name, FOLDER), 'utf8') === text, name).toBe(true)
})

it('no file is too large to be read by people', () => {
  for (const [name, text] of made) expect(text.length, name).toBeLessThan(500 * 1_024)
})

describe.each(['bound', 'literal'])('the vectors of %s', (mode) => {
  const files = of(mode)
  const conversations = files.flatMap((f) => f.conversations ?? [])
  const cases = files.flatMap((f) => f.situations ?? []).flatMap((s) => s.cases)
  const sends = conversations.flatMap((c) => c.steps).flatMap((s) => s.sends)

  it('have every reason of PROTOCOL §6, with several causes each', () => {
    const causes = (reason: string): Set<string> => new Set(cases.filter((c) => c.reason === reason).map((c) => c.why))
    const least: Record<Reason, number> = {
      malformed: 13,
      'unknown-opcode': 6,
      'wrong-client': 4,
      'wrong-direction': 4,
      'stale-round': 4,
      'future-round': 4,
      'out-of-phase': 5,
      'bad-tag': 20,
      'bad-padding': 14,
      'bad-payload': 19,
      superseded: 3,
    }
    for (const [reason, number] of Object.entries(least))
      expect(causes(reason).size, reason).toBeGreaterThanOrEqual(number)
  })

  it('have no frame twice among the cases of a situation', () => {
    for (const s of files.flatMap((f) => f.situations ?? [])) {
      const frames = s.cases.map((c) => `${c.prefix} ${c.frame_hex}`)
      expect(new Set(frames).size, s.name).toBe(frames.length)
    }
  })

  it('have every opcode, client 255, master keys of 16, 32 and 64 bytes', () => {
    expect(new Set(sends.map((s) => s.opcode))).toEqual(new Set([10, 20, 30, 40, 50, 60]))
    expect(sends.some((s) => s.id === 255)).toBe(true)
    const masters = conversations.flatMap((c) => Object.values(c.master_keys_hex)).map((key) => key.length / 2)
    expect(masters).toEqual(expect.arrayContaining([16, 32, 64]))
  })

  it('have plaintexts of every length mod 16 in both directions, none and 255 bytes of text, 511 values', () => {
    for (const direction of [1, 2]) {
      const lengths = sends.filter((s) => s.direction === direction).map((s) => s.plaintext_hex.length / 2)
      expect(new Set(lengths.map((n) => n % 16)).size).toBe(16)
      expect(lengths).toEqual(expect.arrayContaining([0, 255]))
    }
    expect(sends.some((s) => s.plaintext_hex.length / 2 === 2 + 8 * 511)).toBe(true)
  })

  it('cross rounds 0xFFFF and 0x10000 and reach 0xFFFFFFFF', () => {
    const rounds = sends.filter((s) => s.opcode === 40).map((s) => s.round)
    expect(rounds).toEqual(expect.arrayContaining([0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe]))
    expect(sends.some((s) => s.opcode === 60 && s.round === 0xffffffff)).toBe(true)
  })

  it('have the keys of both sides after every step', () => {
    const steps = conversations.flatMap((c) => c.steps)
    const keyed = steps.filter((s) => s.after.client?.keys && s.after.server?.keys)
    expect(keyed.length).toBeGreaterThan(100)
    for (const { after } of keyed) {
      expect(Object.values(after.client!.keys!).map((k) => k.length / 2)).toEqual([16, 32, 16, 32])
      expect(Object.values(after.server!.keys!).map((k) => k.length / 2)).toEqual([16, 32, 16, 32])
    }
  })
})

it('a file keeps the sign of zero and puts on a line what fits on one', () => {
  const value = { zero: [-0, 0], long: Array<string>(20).fill('0123456789'), none: undefined }
  const text = format(value)
  expect(text).toContain('"zero": [-0.0, 0]')
  expect(JSON.parse(text)).toEqual({ zero: [-0, 0], long: value.long })
})
