import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { setup } from './talking.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a clear sentence and exit code 1', () => {
  const outstanding = 'whether round 1 counted is unknown'
  test.each([
    ['closed', undefined, `Server gone: the connection ended; ${outstanding}`],
    ['closed', 'EPIPE', `Server gone: the connection ended (EPIPE); ${outstanding}`],
    ['timeout', undefined, `Timeout: the server did not answer; ${outstanding}`],
    ['send-failed', undefined, `Server gone: the numbers could not be handed over; ${outstanding}`],
  ] as const)('when an answer is outstanding and the session ends by %s %s', (by, code, sentence) => {
    const { talk, log, joined, end } = setup()
    joined()
    talk.line('1')
    end(by, code)
    expect(log).toEqual(['submit 1', sentence, 'finish', 'over 1'])
  })

  test.each([
    [
      'terminate',
      (s: ReturnType<typeof setup>) => s.told('terminate'),
      `Rejected: the server ended the session (TERMINATE)`,
    ],
    [
      'desync',
      (s: ReturnType<typeof setup>) => s.told('desync'),
      `Rejected: the server ended the session (KEY_DESYNC_ERROR)`,
    ],
    [
      'a bad frame',
      (s: ReturnType<typeof setup>) => s.rejected(),
      'Rejected: a frame from the server failed the checks (bad-tag)',
    ],
  ])('when it is answered by %s', (_, happen, why) => {
    const s = setup()
    s.joined()
    s.talk.line('1')
    happen(s)
    expect(s.log).toEqual(['submit 1', `${why}; ${outstanding}`, 'finish', 'over 1'])
  })

  test.each([
    ['closed', 'ECONNREFUSED', 'Server gone: cannot reach here:1 (ECONNREFUSED)'],
    ['closed', undefined, 'Rejected: here:1 closed the connection; most likely it does not know client 1 by this key'],
    [
      'closed',
      'ECONNRESET',
      'Rejected: here:1 closed the connection; most likely it does not know client 1 by this key',
    ],
    ['timeout', undefined, 'Timeout: no CHALLENGE from here:1'],
  ] as const)('when no session comes about: %s %s', (by, code, sentence) => {
    const { talk, log, end } = setup()
    talk.start()
    end(by, code)
    vi.runAllTimers()
    expect(log).toEqual(['dial', sentence, 'finish', 'over 1'])
  })

  test('when the CHALLENGE does not verify', () => {
    const { talk, log, rejected } = setup()
    talk.start()
    rejected()
    expect(log[1]).toBe(
      'Rejected: the CHALLENGE failed the checks (bad-tag); the server has another --mode, or is not the server',
    )
  })

  test('when it is stopped before the answer', () => {
    const { talk, log, joined } = setup()
    joined()
    talk.line('1')
    talk.quit()
    talk.quit()
    expect(log).toEqual(['submit 1', `Stopped before the answer; ${outstanding}`, 'finish', 'over 1'])
  })
})
