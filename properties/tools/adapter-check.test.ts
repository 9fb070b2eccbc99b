import { describe, expect, it } from 'vitest'
import { needs } from '../harness/process/needs.ts'
import { perform } from '../harness/terminal/command.ts'
import { recordedScreen } from '../harness/terminal/testkit.ts'
import { adapterCheck } from './adapter-check.ts'

const check = async (...args: string[]) => {
  const { screen, out, err } = recordedScreen()
  const code = await perform(adapterCheck, args, screen)
  return { code, said: out(), complained: err() }
}

const NODE = 'node --import tsx properties/examples/adapter.mjs'
/** The example, with one text in its answers replaced. */
const changed = (from: string, to: string): string => `${NODE} | sed -u 's/${from}/${to}/'`

/** One that asks whether a frame is taken that goes to another endpoint. */
const ASKS = `
import json, sys
sys.path.insert(0, "properties/examples")
import stranger
class Asks(stranger.Adapter):
    def send(self, at, frame):
        if at == self.at: return super().send(at, frame)
        return self.ask(send={"at": at, "hex": frame.hex()})["ok"]
    def init(self, c):
        done = super().init(c)
        return {**done, "can": done["can"][:-1]}
adapter = Asks()
for line in sys.stdin:
    adapter.say(**adapter.call(json.loads(line)))
    sys.stdout.flush()
`

describe('npm run adapter-check', () => {
  it('finds a right adapter usable, and says what more it could tell', async () => {
    const { code, said } = await check(NODE)
    expect(said).not.toContain('✗')
    expect(code).toBe(0)
    for (const side of ['server', 'client']) {
      expect(said).toContain(`✓ ${side}: an unknown call is answered {"unsupported":true}`)
      for (const mode of ['bound', 'literal']) expect(said).toContain(`✓ ${side}, ${mode}: an honest conversation`)
      expect(said).toContain(`✓ ${side}, bound: and in a new process`)
      expect(said).toMatch(new RegExp(`  ${side}: emits memory: \\d+ invariants need it`))
    }
  })

  it.each([
    ['"unsupported":true', '"ok":true', 'NOT usable', '✗ server: an unknown call'],
    ['"on":"accepted"', '"on":"admitted"', 'NOT usable', 'report.on: expected a known "on", got "admitted"'],
  ])('of one that says %s as %s', async (from, to, ...told) => {
    const { code, said } = await check(changed(from, to))
    expect(code).toBe(1)
    for (const text of told) expect(said).toContain(text)
  })

  it('finds schedules that are not kept apart', async () => {
    const { code, said } = await check(`sed -u -E 's/,"world":[0-9]+//g' | ${NODE}`)
    expect(said).toMatch(/✗ server: several conversations at once: expected in bound what happens to it alone, got /)
    expect(code).toBe(1)
  })

  it(
    'finds what is said in a line of its own, of another endpoint than that of the call, where it had draws',
    needs('python3', async () => {
      const { code, said } = await check(`python3 -c '${ASKS}'`)
      expect(said).toContain('✗ server, bound: an honest conversation: ')
      expect(said).toContain('expected it in "said" of the answer to receive, which had draws, got a line')
      expect(code).toBe(1)
    }),
  )

  it('wants one command', async () => {
    expect(await check()).toMatchObject({ code: 2, complained: expect.stringContaining('got none') })
    expect(await check('a', 'b')).toMatchObject({
      code: 2,
      complained: expect.stringContaining("expected one 'COMMAND'"),
    })
    expect(await check('exit 7')).toMatchObject({ code: 1, said: expect.stringContaining('got exit code 7') })
  })
})
