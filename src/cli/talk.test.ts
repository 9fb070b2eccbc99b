import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { setup } from './talking.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('connect, submit, aggregate, goodbye', () => {
  const { talk, log, challenge, answer } = setup()
  talk.start()
  challenge()
  talk.line('1, 2')
  answer(1, 3)
  talk.line(' quit ')
  expect(log).toEqual([
    'dial',
    'Connected to here:1 as client 1',
    'ask 1',
    'submit 1,2',
    'Aggregated sum=3, count=1, avg=3.00',
    'ask 2',
    'finish',
    'over 0',
  ])
})

test.each(['quit', ' exit'])('%j ends a talk', (word) => {
  const { talk, log, joined } = setup()
  joined()
  talk.line(word)
  expect(log).toEqual(['finish', 'over 0'])
})

test('bad numbers cost no round, empty lines nothing', () => {
  const { talk, log, joined } = setup()
  joined()
  talk.line('one')
  talk.line('')
  talk.line('1')
  expect(log).toEqual([
    'Not sent: expected numbers separated by commas, got "one" as number 1 of 1',
    'ask 1',
    'ask 1',
    'submit 1',
  ])
})

test('lines of a script wait for each other; the end waits for the last answer', () => {
  const { talk, log, challenge, answer } = setup(true)
  talk.start()
  for (const line of ['1', '', 'x', '2']) talk.line(line)
  talk.end()
  expect(log).toEqual(['dial'])
  challenge()
  answer(1, 1)
  answer(2, 2)
  expect(log.slice(2)).toEqual([
    'submit 1',
    'Aggregated sum=1, count=1, avg=1.00',
    'Not sent (line 3): expected numbers separated by commas, got "x" as number 1 of 1',
    'submit 2',
    'Aggregated sum=2, count=1, avg=2.00',
    'finish',
    'over 0',
  ])
})

describe('a session that ends while nothing is outstanding', () => {
  test.each([
    ['terminate', (s: ReturnType<typeof setup>) => s.told('terminate'), 'The server ended the session (TERMINATE)'],
    ['desync', (s: ReturnType<typeof setup>) => s.told('desync'), 'The server ended the session (KEY_DESYNC_ERROR)'],
    ['closed', (s: ReturnType<typeof setup>) => s.end('closed'), 'Server gone: the connection ended'],
    [
      'reset',
      (s: ReturnType<typeof setup>) => s.end('closed', 'ECONNRESET'),
      'Server gone: the connection ended (ECONNRESET)',
    ],
    [
      'junk',
      (s: ReturnType<typeof setup>) => s.rejected(),
      'Rejected: a frame from the server failed the checks (bad-tag)',
    ],
  ])('by %s is re-established, in one line', (_, happen, why) => {
    const s = setup()
    s.joined()
    happen(s)
    s.challenge()
    s.talk.line('5')
    expect(s.log).toEqual(['dial', `${why}; a new session is established, at round 1`, 'ask 1', 'submit 5'])
  })

  test('a server that restarts is tried again for 10 s', () => {
    const { log, joined, told, end, challenge } = setup()
    joined()
    told('terminate')
    for (let i = 0; i < 40; i++) {
      end('closed', 'ECONNREFUSED')
      vi.advanceTimersByTime(250)
    }
    challenge()
    expect(log.filter((l) => l !== 'dial')).toEqual([
      'The server ended the session (TERMINATE); trying to reach it again for a few seconds',
      'The server is back; a new session is established, at round 1',
      'ask 1',
    ])
    expect(log.filter((l) => l === 'dial')).toHaveLength(41)
  })

  test('after a round, and again: every time from round 1, with as many attempts', () => {
    const { talk, log, joined, answer, told, end, challenge } = setup()
    joined()
    for (const _ of ['once', 'again']) {
      talk.line('5')
      answer(1, 5)
      told('terminate')
      for (let i = 0; i < 40; i++) {
        end('closed', 'ECONNREFUSED')
        vi.advanceTimersByTime(250)
      }
      challenge()
    }
    const once = [
      'submit 5',
      'Aggregated sum=5, count=1, avg=5.00',
      'ask 2',
      'The server ended the session (TERMINATE); trying to reach it again for a few seconds',
      'The server is back; a new session is established, at round 1',
      'ask 1',
    ]
    expect(log.filter((l) => l !== 'dial')).toEqual([...once, ...once])
  })

  test('and then it is gone', () => {
    const { log, joined, told, end } = setup()
    joined()
    told('terminate')
    for (let i = 0; i < 41; i++) {
      end('closed', 'ECONNREFUSED')
      vi.advanceTimersByTime(250)
    }
    expect(log.slice(-3)).toEqual(['Server gone: cannot reach here:1 (ECONNREFUSED)', 'finish', 'over 1'])
  })

  test('quitting while it is tried again ends the trying', () => {
    const { talk, log, joined, told, end } = setup()
    joined()
    told('terminate')
    end('closed', 'ECONNREFUSED')
    talk.quit()
    vi.runAllTimers()
    expect(log.slice(2)).toEqual(['finish', 'over 0'])
  })

  test('twice running, unused: the next waits for something to submit', () => {
    const { talk, log, joined, told, challenge, answer } = setup()
    joined()
    told('terminate')
    challenge()
    told('terminate')
    expect(log.slice(3)).toEqual([
      'The server ended the session (TERMINATE); your next submission starts a new session',
      'ask 1',
    ])
    log.length = 0
    talk.line('bad')
    talk.line('5')
    challenge()
    answer(1, 5)
    told('terminate') // used: re-established at once again
    expect(log).toEqual([
      expect.stringMatching(/^Not sent/),
      'ask 1',
      'dial',
      'There was no session; a new session is established, at round 1',
      'submit 5',
      'Aggregated sum=5, count=1, avg=5.00',
      'ask 2',
      'dial',
    ])
  })

  test('when no line will follow, that is the end and not a failure', () => {
    const { talk, log, joined, told } = setup()
    joined()
    told('terminate')
    talk.end()
    expect(log).toEqual(['dial', 'finish', 'over 0'])
  })
})

test('stopping between submissions is no failure', () => {
  const { talk, log, joined } = setup()
  joined()
  talk.quit()
  expect(log).toEqual(['finish', 'over 0'])
})
