import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type Fate, type Pool, runPool } from './pool.ts'

const run = async (jobs: readonly string[], pool: Partial<Pool> = {}) => {
  const fates: Record<string, Fate<string>> = {}
  const notes: unknown[] = []
  const worker = new URL('./pool.fixture.ts', import.meta.url)
  await runPool<string, string>(
    jobs,
    { worker, args: ['did'], processes: 2, ...pool },
    {
      done: (fate, job) => {
        fates[job] = fate
      },
      note: (note) => notes.push(note),
    },
  )
  return { fates, notes }
}

describe('a pool of processes', { timeout: 60_000 }, () => {
  it('does every job, replaces what dies or hangs, and passes on what a job says', async () => {
    const { fates, notes } = await run(['a', 'die', 'throw', 'hang', 'speak', 'b'], { processes: 1, patienceMs: 8_000 })
    expect(fates).toMatchObject({
      a: { kind: 'done', result: 'did a' },
      die: { kind: 'died', code: 3 },
      throw: { kind: 'failed', why: expect.stringContaining('thrown: Error: deeper') },
      hang: { kind: 'stuck' },
      speak: { kind: 'done', result: 'did speak' },
      b: { kind: 'done', result: 'did b' },
    })
    expect(notes).toEqual(['half'])
  })

  it('has nothing to do without jobs', async () => {
    expect((await run([])).fates).toEqual({})
  })

  it('ends with what the listener throws', async () => {
    const worker = new URL('./pool.fixture.ts', import.meta.url)
    const done = (): void => {
      throw new Error('enough')
    }
    await expect(runPool(['a', 'b', 'c'], { worker, processes: 2 }, { done })).rejects.toThrow('enough')
  })

  it('has workers that end without a word when it is gone, whatever they are doing', async () => {
    const worker = fork(new URL('./pool.fixture.ts', import.meta.url), {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      silent: true,
    })
    let said = ''
    worker.stderr?.on('data', (text) => (said += text))
    worker.send('talk')
    await once(worker, 'message')
    worker.disconnect()
    expect(await once(worker, 'exit')).toEqual([0, null])
    expect(said).toBe('')
  })

  it('ends with its signal', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 100)
    await expect(run(['hang'], { signal: stop.signal })).rejects.toThrow('stopped')
  })
})
