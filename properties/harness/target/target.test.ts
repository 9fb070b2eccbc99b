import { afterEach, expect, it, vi } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Target } from './target.ts'

let target: Target | null = null
afterEach(() => target?.stop())

it('a connection that stays is one of those that may be open', async () => {
  const lonely = "require('net').createServer((s) => s.resume().on('close', () => process.exit())).listen({port})"
  const address = { host: '127.0.0.1', port: 0 }
  target = new Target({ start: `node -e "${lonely}"`, address, rate: null, maxConnections: 8 }, PROTOCOL.bound)
  await target.start()
  expect([target.company, target.maxConnections]).toEqual([false, 8])
  await vi.waitFor(() => expect(target?.exit).toBe('exit code 0'), { timeout: 30_000 })
  expect(await target.endedAlone()).toBe(true)
  expect([target.company, target.maxConnections]).toEqual([true, 7])
})
