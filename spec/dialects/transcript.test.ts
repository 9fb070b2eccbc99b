import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseTranscript, readTranscript, reproduce } from './transcript.ts'

const FOLDER = new URL('../../corpus/transcripts/', import.meta.url)
const pathOf = (name: string): string => new URL(name, FOLDER).pathname

/** Counted from the files: all frames, verifying tags, frames with a plaintext, frames that move keys or round. */
const FILES = {
  'impl-a-3clients-5rounds.json': { frames: 36, tags: 36, resealed: 36, moved: 36 },
  'impl-a-3clients-padding-lengths.json': { frames: 30, tags: 30, resealed: 30, moved: 30 },
  'impl-a-errors.json': { frames: 81, tags: 76, resealed: 74, moved: 54 },
  'impl-a-reconnect.json': { frames: 20, tags: 20, resealed: 20, moved: 20 },
  'impl-b-3clients-5rounds.json': { frames: 39, tags: 39, resealed: 39, moved: 39 },
  'impl-c-3clients-5rounds.json': { frames: 39, tags: 39, resealed: 39, moved: 36 },
}

describe('recorded conversations', () => {
  it('are all here', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(FILES))
  })

  it.each(Object.entries(FILES))('%s is reproduced: tags, plaintexts, rounds, keys, bytes', (name, counts) => {
    const parsed = readTranscript(pathOf(name))
    if (parsed.kind === 'bad') throw new Error(parsed.problem)
    expect(reproduce(parsed.transcript)).toEqual({ ...counts, differences: [] })
  })

  const example = (): Record<string, unknown> =>
    JSON.parse(readFileSync(pathOf('impl-c-3clients-5rounds.json'), 'utf8'))

  it('an altered recording is not reproduced', () => {
    const json = example()
    const frames = json.frames as { hex: string }[]
    frames[2]!.hex = frames[2]!.hex.replace(/^(.{46})(.)/, (_, head, digit) => head + (digit === '0' ? '1' : '0'))
    const parsed = parseTranscript(json, 'altered')
    if (parsed.kind === 'bad') throw new Error(parsed.problem)
    expect(reproduce(parsed.transcript).differences[0]).toBe('frame 2: tag is false, expected true')
  })

  it.each([
    ['frames', 7, 'file: frames: expected an array, got 7'],
    ['frames', [{}], 'file: frames.0.conn: expected an integer from 0 to 65535, got nothing'],
    ['expected', [], 'file: expected: expected 39 entries, one a frame, got 0'],
    ['master_keys_hex', { 1: 'xy' }, 'file: master_keys_hex.1: expected hex, got "xy"'],
    ['dialect', null, 'file: dialect: expected an object, got null'],
  ])('a bad %s is named', (field, value, problem) => {
    expect(parseTranscript({ ...example(), [field]: value }, 'file')).toEqual({ kind: 'bad', problem })
  })

  it('a file that is none is named', () => {
    expect(readTranscript(pathOf('none.json'))).toMatchObject({
      kind: 'bad',
      problem: /none\.json: expected a readable/,
    })
  })
})
