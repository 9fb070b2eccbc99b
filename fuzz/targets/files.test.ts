import { describe, expect, it } from 'vitest'
import { Rng } from '../../properties/harness/world/rng.ts'
import * as src from '../../src/index.ts'
import { Input } from '../engine/input.ts'
import { Mismatch } from '../engine/target.ts'
import { catalogue } from './catalogue.ts'
import { dialect } from './dialect.ts'
import { fileTarget, jsonMutators } from './file-target.ts'
import { keyring } from './keyring.ts'
import { schedule } from './schedule.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const kind = { name: 'x', says: 'x', maxBytes: 99, seeds: ['{}'], words: ['1'] }

describe('a kind of file', () => {
  const judged = (why: string) => (): unknown => {
    const target = fileTarget({ ...kind, read: () => ({ kind: 'bad', why }), check: () => {} })
    return target.oracle(src)(encode('{}'), () => {})
  }
  it('is found out by a complaint that is unclear', () => {
    expect(judged('x: expected a\nb, got c')).toThrow('more than one line')
    expect(judged('x: Invalid input')).toThrow('does not say what was expected')
    expect(judged(`x: expected ${'y'.repeat(600)}`)).toThrow('without end')
    expect(judged('x: expected y, got z')).not.toThrow()
  })

  it('is found out by what throws, and by a value that cannot be used', () => {
    const check = (): never => {
      throw new Mismatch('cannot be used', '')
    }
    const accepted = fileTarget({ ...kind, read: () => ({ kind: 'ok', value: 1 }), check })
    expect(() => accepted.oracle(src)(encode('{}'), () => {})).toThrow('cannot be used')
  })
})

describe('JSON mutations', () => {
  it('leave most texts JSON, and change them', () => {
    const rng = new Rng(1)
    const text = new TextDecoder().decode(schedule.seeds()[0]!)
    const input = new Input(20_000)
    let [parsed, changed] = [0, 0]
    for (let i = 0; i < 4_000; i++) {
      input.set(encode(text))
      rng.pick(jsonMutators(['"word"', '7']))(input, rng)
      const now = new TextDecoder().decode(input.bytes)
      if (now !== text) changed++
      try {
        JSON.parse(now)
        parsed++
      } catch {
        // some break it
      }
    }
    expect(changed).toBeGreaterThan(3_000)
    expect(parsed).toBeGreaterThan(2_000)
  })
})

describe.each([keyring, schedule, dialect, catalogue])('$name', (target) => {
  it('takes some of its seeds and refuses nonsense in one line', () => {
    const outcomes = (data: Uint8Array): number[] => {
      const notes: number[] = []
      target.oracle(src)(data, (tag, value) => notes.push(256 * tag + value))
      return notes
    }
    expect(target.seeds().map((s) => outcomes(s)[0])).toContain(256 + 1)
    for (const text of ['', '{', '[]', '{}', 'null', '"\n"', '{"a\\nb":1}', `{"${'k'.repeat(300)}":1}`])
      expect(outcomes(encode(text))[0]).toBe(256)
  })
})
