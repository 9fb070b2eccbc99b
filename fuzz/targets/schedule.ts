/** Schedule files: what is accepted is written and read back as the same, and can be played. */
import { isDeepStrictEqual } from 'node:util'
import { srcSystem } from '../../properties/harness/parties/party-file.ts'
import { parseStored, printStored, type Stored, writable } from '../../properties/harness/schedules/schedule-file.ts'
import { play } from '../../properties/harness/world/play.ts'
import { LIMITS } from '../../spec/language.ts'
import { Mismatch } from '../engine/target.ts'
import { fileTarget } from './file-target.ts'

const NAME = 'file'

const stored = (
  actions: string,
  setup = '"clients":[1,2],"insiders":[1],"challenge":"fresh","startRound":1,"limits":{}',
) =>
  `{"says":"x","violates":["A2"],"schedule":{"version":1,"seed":7,"mode":"bound","powers":"NILF","setup":{${setup}},"actions":[${actions}]}}`

const END = '{"side":"server","n":0}'
const RUN = '{"side":"client","n":0}'
const ACTIONS = [
  '{"do":"converse","client":0,"rounds":1,"until":"data"}',
  '{"do":"connect","client":1}',
  '{"do":"submit","run":-1,"values":[1,"-0","NaN"]}',
  `{"do":"deliver","frame":-1,"to":${END},"edit":{"do":"flip","at":"tag","pos":3,"xor":1},"cuts":[1],"with":[0]}`,
  `{"do":"deliver","frame":{"by":${RUN},"nth":0},"to":${END},"edit":{"do":"set","field":"round","value":2}}`,
  `{"do":"deliver","frame":{"any":-2},"to":${RUN},"edit":{"do":"splice","part":"iv","from":0}}`,
  `{"do":"deliver","frame":0,"to":${END},"edit":{"do":"truncate","bytes":9}}`,
  `{"do":"deliver","frame":0,"to":${END},"edit":{"do":"extend","hex":"00ff"}}`,
  `{"do":"deliver","frame":0,"to":${END},"upTo":9}`,
  `{"do":"continue","to":${END},"upTo":-1}`,
  `{"do":"inject","to":${END},"hex":"0000"}`,
  `{"do":"seal","power":"I","as":${RUN},"under":"current","to":${END},"opcode":30,"id":0,"round":0,"direction":1,"body":"00","pad":"01"}`,
  `{"do":"failSend","at":${END}}`,
  `{"do":"leak","at":${RUN}}`,
  '{"do":"advance","ms":5000}',
  '{"do":"finish","run":0}',
  '{"do":"restart","sameRng":true}',
]
const TWOS = JSON.stringify(Object.fromEntries(Object.keys(LIMITS).map((name) => [name, 2])))
const SETUP = `"clients":[255],"insiders":[],"challenge":"constant","startRound":4294967295,"limits":${TWOS}`

/** A file may ask for as much as it likes; here nobody waits for it. */
const MOST_STEPS = 24

const steps = ({ schedule }: Stored): number =>
  schedule.actions.reduce((n, a) => n + (a.do === 'converse' ? 4 + 3 * a.rounds : 1), 0)

/** As it can be written: numbers that count something know no -0. */
const asWritten = (value: Stored): unknown => {
  const actions = value.schedule.actions.map(writable)
  return JSON.parse(JSON.stringify({ ...value, schedule: { ...value.schedule, actions } }))
}

export const schedule = fileTarget<Stored>({
  name: 'schedule',
  says: 'a schedule file is refused in one clear line, or read, written, read back the same and played without exception',
  maxBytes: 4_096,
  seeds: [stored(ACTIONS.join()), ...ACTIONS.map((a) => stored(a)), stored(ACTIONS[0]!, SETUP)],
  words: [
    ...['"bound"', '"literal"', '"NILF"', '"N"', '"client"', '"server"', '"fresh"', '"constant"', '"-0"', '"Infinity"'],
    ...['"header"', '"iv"', '"ciphertext"', '"tag"', '"length"', '"hello"', '"response"', '"previous"', '"initial"'],
    ...['"L"', '-1', '2', '60', '4294967295', '1e15', '9007199254740991', '"00"', '"0"', ...ACTIONS],
  ],
  read: (text) => parseStored(NAME, text),
  check(value, _, note) {
    const again = parseStored(NAME, printStored(value))
    if (again.kind === 'bad') throw new Mismatch('what was written is refused', again.why)
    if (!isDeepStrictEqual(again.value, asWritten(value)))
      throw new Mismatch('what was written reads otherwise', again.value.says)
    note(2, Math.min(value.schedule.actions.length, 255))
    if (steps(value) > MOST_STEPS) return
    // Violations are for `prop`; the file's business is that it can be played.
    const { executed } = play(value.schedule, srcSystem)
    note(3, Math.min(executed.length, 255))
  },
})
