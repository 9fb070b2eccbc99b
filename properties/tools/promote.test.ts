import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { printStored } from '../harness/schedules/schedule-file.ts'
import { CORPUS, readStored } from '../harness/schedules/stored.ts'
import { perform } from '../harness/terminal/command.ts'
import { listening } from './console/testkit.ts'
import { promote, promoteFile } from './promote.ts'

const read = readStored('session-replay.json', new URL('session-replay.json', CORPUS))
if (read.kind === 'bad') throw new Error(read.why)
const FOUND = printStored({ ...read.value, schedule: { ...read.value.schedule, mode: 'bound' } })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-promote-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A finding, and a place for it to go to. */
const finding = (elsewhere = folder, name = 'found.json') => {
  const file = join(elsewhere, name)
  writeFileSync(file, FOUND)
  return { file, corpus: join(folder, 'corpus') }
}

describe('a schedule', () => {
  it('moves to the corpus, and is expected to hold from then on', () => {
    const { file, corpus } = finding()
    expect(promoteFile(file, corpus)).toEqual({ kind: 'ok', to: join(corpus, 'found.json') })
    expect(existsSync(file)).toBe(false)
    expect(readStored('x', join(corpus, 'found.json'))).toMatchObject({ kind: 'ok', value: { violates: [] } })
    expect(readdirSync(corpus)).toEqual(['found.json']) // no temporary file
  })

  it('moves from another file system too', () => {
    const other = '/dev/shm' // a file system of its own on Linux
    const away = existsSync(other) && statSync(other).dev !== statSync(folder).dev ? mkdtempSync(`${other}/x-`) : folder
    const { file, corpus } = finding(away)
    expect(promoteFile(file, corpus)).toMatchObject({ kind: 'ok' })
    expect([existsSync(file), existsSync(join(corpus, 'found.json'))]).toEqual([false, true])
    if (away !== folder) rmSync(away, { recursive: true })
  })

  it('stays where it is if it is stored already', () => {
    const { file, corpus } = finding(mkdtempSync(join(folder, 'model')))
    expect(promoteFile(file, folder)).toMatchObject({ kind: 'bad', why: expect.stringContaining('is stored already') })
    expect([existsSync(file), existsSync(corpus)]).toEqual([true, false])
  })

  it('stays as it was, byte for byte, where the corpus cannot take it', () => {
    const { file, corpus } = finding()
    writeFileSync(corpus, 'a file where the folder should be')
    expect(promoteFile(file, corpus)).toMatchObject({ kind: 'bad', why: expect.stringContaining('expected a folder') })
    expect(readFileSync(file, 'utf8')).toBe(FOUND)
  })

  it('takes no name that is there, and none that nobody would read', () => {
    const { file, corpus } = finding()
    mkdirSync(corpus)
    writeFileSync(join(corpus, 'found.json'), 'old')
    expect(promoteFile(file, corpus)).toMatchObject({ kind: 'bad', why: expect.stringContaining('a new name') })
    expect([readFileSync(file, 'utf8'), readFileSync(join(corpus, 'found.json'), 'utf8')]).toEqual([FOUND, 'old'])
    expect(promoteFile(finding(folder, 'found.txt').file, corpus)).toMatchObject({
      kind: 'bad',
      why: expect.stringContaining('ends with .json'),
    })
  })
})

it('refuses an input of the fuzzer that has no note beside it', () => {
  const alone = join(folder, 'alone.bin')
  writeFileSync(alone, 'x')
  expect(promoteFile(alone)).toMatchObject({
    kind: 'bad',
    why: expect.stringMatching(/expected a finding of the fuzzer/),
  })
})

describe('npm run promote', () => {
  const run = async (...argv: string[]) => {
    const heard = listening()
    return { code: await perform(promote, argv, heard.screen), text: heard.text() }
  }

  it('says how it is called', async () => {
    const { code, text } = await run('--help')
    expect(code).toBe(0)
    expect(text).toMatch(/^npm run promote -- FILE\n {2}FILE {2}a finding/)
  })

  it('lets nothing of what a file is called, or says, command the terminal', async () => {
    const file = join(folder, 'a\u001b[2J\u202e\nb.json')
    writeFileSync(file, '{"\u202e\u009b": 1')
    const broken = await run(file)
    const none = await run(`${file}x`)
    expect(none.text).toContain('a\\u001b[2J\\u202e\\u000ab.json')
    for (const { code, text } of [broken, none]) {
      expect(code).toBe(2)
      expect(text).not.toMatch(/[\p{C}\p{Zl}]/u)
    }
  })
})
