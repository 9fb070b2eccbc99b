import { describe, expect, it } from 'vitest'
import { DEMO_KEYRING } from '../../../src/cli/keyring.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import { Attacker } from './attack/attacker.ts'
import { RemotePlay } from './attack/remote-play.ts'
import type { Field, Menu } from './surroundings.ts'
import { listening, server } from './testkit.ts'
import { ATTACK_VERBS, helpOf, menuOf, parseCommand, RELAY_VERBS, type VerbName } from './verbs.ts'

const parsed = (line: string) => {
  try {
    return { kind: 'ok' as const, value: parseCommand(line, ATTACK_VERBS) }
  } catch (e) {
    return { kind: 'bad' as const, why: e instanceof UsageError ? e.message : `${e}` }
  }
}

describe('commands', () => {
  it.each<[string, object]>([
    ['client 1', { do: 'converse', id: 1, rounds: [] }],
    ['client 255 1,2.5 -3', { do: 'converse', id: 255, rounds: [[1, 2.5], [-3]] }],
    ['converse 1 5', { do: 'converse', id: 1, rounds: [[5]] }],
    ['middle 3', { do: 'connect', id: 3 }],
    ['submit c2 1, 2', { do: 'submit', run: { side: 'client', n: 2 }, values: [1, 2] }],
    ['replay f3', { do: 'deliver', frame: 'f3', edit: null, to: null }],
    ['replay f3 s1', { do: 'deliver', frame: 'f3', to: { side: 'server', n: 1 } }],
    ['replay f3 to new', { do: 'deliver', frame: 'f3', to: 'new' }],
    [
      'modify f0 flip tag 31 80 to c0',
      { do: 'deliver', edit: { do: 'flip', at: 'tag', pos: 31, xor: 0x80 }, to: { side: 'client', n: 0 } },
    ],
    [
      'modify f0 set round 4294967295',
      { do: 'deliver', edit: { do: 'set', field: 'round', value: 0xffffffff }, to: null },
    ],
    ['modify f0 cut 70', { edit: { do: 'truncate', bytes: 70 } }],
    ['modify f0 extend ABcd', { edit: { do: 'extend', hex: 'abcd' } }],
    ['corrupt c0 xor 5A', { do: 'corrupt', corruption: { how: 'xor', hex: '5a' }, keys: 'both' }],
    ['corrupt c0 zero mac', { do: 'corrupt', corruption: { how: 'zero' }, keys: 'mac' }],
    ['round c0 -2', { do: 'round', by: -2 }],
    ['craft s0 round=+1', { craft: { opcode: 30, round: { absolute: false, by: 1 }, body: '00013ff0000000000000' } }],
    [
      'craft s0 opcode=response round=3 direction=1',
      { craft: { opcode: 40, round: { absolute: true, by: 3 }, direction: 1 } },
    ],
    ['craft s0 body=text:hi', { craft: { body: '6869' } }],
    ['craft s0 body=empty pad=10', { craft: { body: '', pad: '10' } }],
    ['craft s0 body=values:-0,Infinity', { craft: { body: '000280000000000000007ff0000000000000' } }],
    [
      'deliver f0 flip iv 2 to s1',
      { do: 'deliver', edit: { do: 'flip', pos: 2, xor: 1 }, to: { side: 'server', n: 1 } },
    ],
    ['raw new 00', { do: 'inject', to: 'new', hex: '00' }],
    ['delay', { do: 'delay', ms: null }],
    ['set id 7', { do: 'set', edit: { do: 'set', field: 'id', value: 7 } }],
    ['save a file.json', { do: 'save', file: 'a file.json' }],
  ])('%s', (line, command) => {
    expect(parsed(line)).toMatchObject({ kind: 'ok', value: command })
  })

  it.each([
    ['dance', 'expected a command (help lists them), got "dance"'],
    ['client', 'client: expected a whole number from 0 to 255, got nothing'],
    ['client 0', 'client: expected 1..255, got 0'],
    ['client 1 ten', 'client: expected numbers separated by commas, got "ten"'],
    ['submit s0 1', 'submit: expected a client such as c0, got "s0"'],
    ['submit c0', 'submit: expected numbers separated by commas, got ""'],
    ['replay', 'replay: expected a frame such as f0, got nothing'],
    ['replay f0 there', 'to: expected an endpoint such as c0 or s0, got "there"'],
    ['replay f0 to s0 now', 'expected nothing more, got "now"'],
    ['modify f0', 'expected an edit (flip, set, cut, extend), got nothing'],
    ['modify f0 flip tag 0 00', 'flip: XOR: expected 01..ff, got "00"'],
    ['modify f0 set colour 1', 'set: expected one of opcode, id, round, direction, got "colour"'],
    ['modify f0 set id 256', 'set id: expected a whole number from 0 to 255, got "256"'],
    ['reflect', 'reflect: expected a frame such as f0, got nothing'],
    ['corrupt c0 shuffle', 'corrupt: expected one of reverse, zero, xor, custom, got "shuffle"'],
    ['corrupt c0 xor', 'corrupt: xor: expected pairs of hex digits, got nothing'],
    ['corrupt c0 zero all', 'corrupt: expected both, enc or mac, got "all"'],
    ['round c0 1', 'round: expected how many rounds off, such as +1 or -1, got "1"'],
    ['impersonate 1 0011', 'impersonate: key: expected 16..64 bytes (§1), got 2'],
    ['craft s0 opcode', 'craft: expected FIELD=VALUE (help lists the fields), got "opcode"'],
    ['craft s0 opcode=goodbye', 'craft: opcode: expected a whole number from 0 to 255, got "goodbye"'],
    ['craft s0 id=1 id=2', 'craft: id: expected once, got it twice'],
    ['craft s0 tag=00', 'craft: tag: expected valid, broken or 32 bytes in hex, got 1 bytes'],
    ['craft s0 keys=old', 'craft: keys: expected current, previous or initial, got "old"'],
    ['craft s0 as=me', 'craft: as: expected an endpoint such as c0 or s0, got "me"'],
    ['craft s0 round=now', 'craft: round: expected N, +N or -N, got "now"'],
    ['craft s0 body=values:x', 'craft: body: expected numbers after values:, got "values:x"'],
    [`craft s0 body=${'00'.repeat(4_097)}`, 'craft: body: expected at most 4096 bytes, got 4097'],
    [`craft s0 pad=${'00'.repeat(17)}`, 'craft: pad: expected at most 16 bytes, got 17'],
    ['raw new 0', 'raw: expected pairs of hex digits, got "0"'],
    ['save', 'save: expected a file, got nothing'],
    ['quit now', 'expected nothing more, got "now"'],
  ])('%s is refused', (line, why) => {
    expect(parsed(line)).toMatchObject({ kind: 'bad', why: expect.stringContaining(why) })
  })
})

describe('the menu', () => {
  /** What comes of a question where each choice is taken once, and every text answered with what it proposes. */
  const answers = (f: Field): readonly string[] =>
    f.ask === 'text'
      ? [f.initial]
      : f.choices.flatMap(({ value, questions = [] }) =>
          questions
            .map(answers)
            .reduce((all, more) => all.flatMap((x) => more.map((y) => `${x} ${y}`)), [value])
            .map((words) => words.replace(/ +/g, ' ').trim()),
        )
  const commandsOf = (menu: Menu): readonly string[] => answers(menu)

  it('offers only what there is something for, and every choice of it is a command', async () => {
    const port = await server()
    const play = new RemotePlay({
      host: '127.0.0.1',
      port,
      mode: 'bound',
      dialect: null,
      keyring: DEMO_KEYRING,
      seed: 1,
    })
    const attacker = new Attacker(play, listening().screen)
    const offered = new Set<string>()
    const look = (): readonly string[] => {
      const commands = commandsOf(menuOf(ATTACK_VERBS, attacker.now))
      for (const c of commands) {
        expect(parsed(c), c).toMatchObject({ kind: 'ok' })
        offered.add(c.split(' ')[0]!)
      }
      return commands
    }
    const before = look()
    for (const verb of ['frames', 'pass', 'submit']) expect(before.map((c) => c.split(' ')[0])).not.toContain(verb)
    for (const line of ['client 1 5', 'middle 2']) {
      const command = parseCommand(line, ['converse', 'connect'])
      await attacker.do(command)
    }
    look()
    play.leave()
    expect([...offered].sort()).toEqual([...ATTACK_VERBS].sort())
  })

  it('at a relay offers what a relay can do', () => {
    const [c0, s0, f0] = ['c0', 's0', 'f0'].map((value) => [{ value, label: value }])
    const now = { clients: [], runs: c0!, connections: s0!, frames: f0!, waiting: 'f0' as never, timed: true }
    const all = commandsOf(menuOf(RELAY_VERBS, now))
    expect(all).toContain('delay 1000')
    for (const c of all) expect(() => parseCommand(c, RELAY_VERBS), c).not.toThrow()
    expect(new Set(all.map((c) => c.split(' ')[0]))).toEqual(new Set(RELAY_VERBS))
  })
})

describe('help', () => {
  it.each<[string, readonly VerbName[]]>([
    ['attack', ATTACK_VERBS],
    ['relay', RELAY_VERBS],
  ])('of the %s lists its verbs, with the further spellings', (_, names) => {
    const text = helpOf(names)
    for (const name of names) expect(text).toMatch(new RegExp(`^${name}( |$)`, 'm'))
    expect(text).toContain('(or: replay, modify)')
  })
})
