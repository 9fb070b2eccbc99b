import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { check } from '../checks/check.ts'
import type { Outcome } from '../harness/report/outcome.ts'
import { PROFILES } from './profiles.ts'
import { runStages, type Stage, stage, type Watcher } from './runner.ts'

const silent: Watcher = { begin() {}, progress() {}, end() {} }
const context = (signal = new AbortController().signal) => ({
  profile: PROFILES.tiny,
  seed: 1,
  out: '.',
  processes: 1,
  signal,
})
const fake = (name: string, run: () => Promise<Outcome<number>>): Stage =>
  stage(
    check({
      name,
      asks: name,
      options: z.strictObject({}),
      notes: '',
      schema: z.int(),
      run,
      summary: (f) => `${f} found`,
      sections: () => [],
    }),
  )
const green = fake('green', async () => ({ figures: 0, problems: [] }))

describe('the runner', () => {
  it('runs every stage, and calls one with problems red', async () => {
    const red = fake('red', async () => ({ figures: 1, problems: [{ kind: 'violation', text: 'A2 broke' }] }))
    const { ran, partial } = await runStages([red, green], context(), silent)
    expect(ran.map((r) => [r.name, r.status, r.answer?.summary])).toEqual([
      ['red', 'red', '1 found'],
      ['green', 'pass', '0 found'],
    ])
    expect(partial).toBe(false)
  })

  it('makes a stage that throws a problem of the harness and goes on', async () => {
    const broken = fake('broken', () => Promise.reject(new Error('no such file\n  at stack')))
    const { ran } = await runStages([broken, green], context(), silent)
    expect(ran.map((r) => r.status)).toEqual(['error', 'pass'])
    expect(ran[0]!.problems).toEqual([{ kind: 'error', text: 'stage broken failed: no such file' }])
  })

  it('leaves the stage it is in when the user stops it, and runs no other', async () => {
    const stop = new AbortController()
    const endless = fake('endless', () => {
      stop.abort()
      return new Promise(() => {})
    })
    const { ran, partial } = await runStages([green, endless, green], context(stop.signal), silent)
    expect(partial).toBe(true)
    expect(ran.map((r) => r.status)).toEqual(['pass', 'not run', 'not run'])
    expect(ran[1]!.problems.map((p) => p.kind)).toEqual(['interrupted'])
  })
})
