import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { atMost, type Fate, type Pool, runPool } from './pool.ts'
import { loader } from './programs.ts'

const run = async (jobs: readonly string[], pool: Partial<Pool> = {}) => {
  const fates: Record<string, Fate<string>> = {}
  const notes: unknown[] = []
  let printed = ''
  const worker = new URL('./pool.fixture.ts', import.meta.url)
  await runPool<string, string>(
    jobs,
    { worker, args: ['did'], processes: 2, ...pool },
    {
      done: (fate, job) => {
        fates[job] = fate
      },
      note: (note) => notes.push(note),
      printed: (text) => {
        printed += text
      },
    },
  )
  return { fates, notes, printed }
}

it('at most so many at once, and the answers in order', async () => {
  let [now, most] = [0, 0]
  const slow = async (turns: number): Promise<number> => {
    most = Math.max(most, ++now)
    for (let i = 0; i < turns; i++) await null
    now--
    return turns
  }
  expect(await atMost(2, [9, 1, 4, 2], slow)).toEqual([9, 1, 4, 2])
  expect(most).toBe(2)
  const done: number[] = []
  const failing = async (turns: number): Promise<void> => {
    if (turns === 0) throw new Error('no')
    await slow(turns)
    done.push(turns)
  }
  await expect(atMost(2, [5, 0, 1], failing)).rejects.toThrow('no')
  expect(done).toEqual([5]) // what had begun has ended, and nothing has begun since
})

describe('a pool of processes', { timeout: 120_000 }, () => {
  it('does every job, replaces what dies or hangs, and passes on what a job says', async () => {
    const { fates, notes } = await run(['a', 'die', 'throw', 'hang', 'speak', 'b'], { processes: 1, patienceMs: 8_000 })
    expect(fates).toMatchObject({
      a: { kind: 'done', result: 'did a' },
      die: { kind: 'died', how: 'ended with code 3', at: 'in die' },
      throw: { kind: 'failed', why: expect.stringContaining('thrown: Error: deeper') },
      hang: { kind: 'stuck' },
      speak: { kind: 'done', result: 'did speak' },
      b: { kind: 'done', result: 'did b' },
    })
    expect(notes).toEqual(['half'])
  })

  it('takes nothing for an answer but an answer', async () => {
    const ends = ['exit', 'kill', 'parent', 'group', 'adapter', 'heap', 'buffers', 'disconnect']
    const alter = ['iterate', 'match', 'measure', 'construct']
    const jobs = [...ends, ...alter, 'reject', 'timer', 'odd', 'print', 'send', 'ask', 'replace']
    const { fates, notes, printed } = await run(jobs, { memoryMb: 96 })
    expect(fates).toMatchObject({
      exit: { kind: 'died', how: 'ended with code 0', at: 'in exit' },
      kill: { kind: 'died', how: 'was ended by SIGTERM' },
      parent: { kind: 'died', how: 'was ended by SIGTERM' },
      group: { kind: 'died', how: 'was ended by SIGKILL' },
      adapter: { kind: 'died', how: 'was ended by SIGKILL' },
      iterate: { kind: 'failed', why: expect.stringMatching(/^next of the iterator of maps was replaced/) },
      match: { kind: 'failed', why: expect.stringMatching(/^exec of RegExp.prototype was replaced/) },
      measure: { kind: 'failed', why: expect.stringMatching(/^size of Map.prototype was replaced/) },
      construct: { kind: 'failed', why: expect.stringMatching(/^constructor of Array.prototype was replaced/) },
      odd: { kind: 'failed', why: 'something that cannot be read was thrown' },
      reject: { kind: 'failed', why: 'thrown outside of any call: late' },
      timer: { kind: 'failed', why: 'thrown outside of any call: later' },
      heap: { kind: 'died', how: expect.stringContaining('memory') },
      buffers: { kind: 'died', how: 'took more than 192 MB of memory' },
      disconnect: { kind: 'died' },
      print: { kind: 'done' },
      send: { kind: 'done', result: 'undefined' },
      ask: { kind: 'done', result: 'did ask' },
      replace: { kind: 'done', result: '' },
    })
    expect(printed).toBe('anything\n')
    const [file] = notes as [string] // of a program that looped when its process was killed
    const { size } = statSync(file)
    await pause(500)
    expect(statSync(file).size).toBe(size)
    rmSync(dirname(file), { recursive: true })
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
      execArgv: [...loader([])],
      serialization: 'advanced',
      silent: true,
    })
    let said = ''
    worker.stderr?.on('data', (text) => (said += text))
    worker.send({ key: 'own' })
    worker.send({ key: 'own', job: 'talk' })
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
