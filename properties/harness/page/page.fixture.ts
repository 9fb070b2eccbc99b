/** A page with something in every view, and with names and texts that somebody hostile would choose. */
import { scope } from '../../../spec/checker/scope.ts'
import type { Schedule } from '../../../spec/language.ts'
import { lostExplanation } from '../explain/text.ts'
import { srcSystem } from '../parties/party-file.ts'
import { CORPUS, readStored } from '../schedules/stored.ts'
import { filmsOf } from './film.ts'
import { stateGraph } from './graph.ts'
import type { Page, Story } from './parts.ts'

export const HOSTILE = `</script><img src=x onerror="window.hacked=1"><b>'"&\u2028`

const stored = (name: string): Schedule => {
  const read = readStored(name, new URL(name, CORPUS))
  if (read.kind === 'bad') throw new Error(read.why)
  return read.value.schedule
}

/** A bit of a DATA is flipped on its way. */
export const ALTERED: Schedule = {
  ...stored('session-replay.json'),
  mode: 'bound',
  actions: [
    { do: 'converse', client: 0, rounds: 0, until: 'data' },
    {
      do: 'deliver',
      frame: { by: { side: 'client', n: 0 }, nth: 1 },
      to: { side: 'server', n: 0 },
      edit: { do: 'flip', at: 'tag', pos: 2, xor: 1 },
    },
  ],
}

const story = (id: string, schedule: Schedule, more: Partial<Story>): Story => ({
  kind: 'counterexample',
  id,
  mode: schedule.mode,
  says: 'each DATA is accepted at most once',
  clause: 'ADVERSARY §3; PROTOCOL §9, claim 1',
  outcome: 's1 accepted a DATA that was accepted before',
  red: false,
  replay: `npm run prop -- --replay '${id}'`,
  ...filmsOf({ schedule, invariant: '', why: '' }, srcSystem),
  ...more,
})

const judged = { schedules: 100, witnesses: 40, verdict: 'holds' }
const invariant = { powers: 'NIL', clause: 'ADVERSARY §3', by: 'prop', bound: judged, literal: judged }
const card = {
  ...{ id: 'replay/session', says: 'a recorded session once more', invariant: 'A2', clause: '§6', class: 'K' },
  ...{
    verdict: 'failed',
    observed: HOSTILE,
    advice: HOSTILE,
    missing: [HOSTILE],
    exchange: [HOSTILE],
    replay: HOSTILE,
  },
}

const broken = [{ id: 'A2', moves: 6 }]
const SCOPE = { scope: 'literal', states: 5, transitions: 9, depth: 2, holds: 3, tested: 2, broken }

const hostile = (f: Story['film']): Story['film'] =>
  f && { ...f, frames: Object.fromEntries(Object.entries(f.frames).map(([id, x]) => [id, { ...x, body: HOSTILE }])) }

export const fixture = (): Page => {
  const replay = story('A2', stored('session-replay.json'), {
    explanation: {
      differs: 0,
      notes: [
        { step: null, text: HOSTILE },
        { step: 0, text: `note ${HOSTILE}` },
      ],
      rules: [{ rule: 'bind', clause: '§4', quote: HOSTILE, advice: HOSTILE, explained: 0.5 }],
      where: [HOSTILE],
    },
  })
  return {
    title: `Gauntlet ${HOSTILE}`,
    says: HOSTILE,
    verdict: 'fail',
    made: 'npm run gate',
    stages: [{ name: 'prop', asks: 'Does it hold', status: 'red', summary: HOSTILE }],
    problems: [{ kind: 'violation', text: HOSTILE, at: `${HOSTILE}.json`, replay: HOSTILE }],
    since: [HOSTILE],
    notCovered: [HOSTILE],
    parts: {
      stories: [
        replay,
        story('C1', ALTERED, { red: true, explanation: lostExplanation(`it does not end ${HOSTILE}`) }),
        story(HOSTILE, ALTERED, { kind: 'attack', outcome: 'BLOCKED in bound', film: hostile(replay.film) }),
        story('lost', ALTERED, { kind: 'model', film: null, bound: null, ladder: [HOSTILE] }),
      ],
      invariants: [
        { ...invariant, id: 'F1', says: 'no exception', witness: 'a frame', floor: 10 },
        { ...invariant, id: 'A2', says: 'accepted once', witness: HOSTILE, floor: 50 },
        { ...invariant, id: 'A10', says: 'no foreign control', witness: 'a frame', floor: 20 },
      ],
      claims: [{ claim: 1, says: 'replay is defended', mode: 'literal', holds: false, evidence: HOSTILE }],
      kills: {
        invariants: ['F1', 'A2'],
        catalogue: 9,
        mutants: ['one', 'two'].map((id) => ({
          ...{ id, family: 'framing', bug: HOSTILE, expect: 'F1', verdict: 'killed', remark: HOSTILE },
          ...{ fired: ['F1', 'A2'], first: ['F1'], diff: [{ file: 'src/frame.ts', find: HOSTILE, replace: 'true' }] },
        })),
      },
      cells: (['accepted', 'bad-tag'] as const).map((verdict, i) => ({
        ...{ role: 'server', phase: 'INIT', opcode: 'CLIENT_HELLO', verdict, bound: i * 5, literal: 0 },
      })),
      fuzzCells: ['server INIT CLIENT_HELLO bad-tag'],
      scopeCells: [],
      coverage: [
        { file: HOSTILE, lines: [1, 2], branches: [0, 0], missed: [{ line: 3, what: 'line', reason: HOSTILE }] },
      ],
      curves: [
        {
          name: HOSTILE,
          says: HOSTILE,
          executions: 900,
          features: 7,
          findings: 1,
          points: [
            [1, 3],
            [80, 7],
          ],
        },
      ],
      cards: ['mine', HOSTILE].map((name) => ({ name, dialect: HOSTILE, rows: [card] })),
      machines: [
        {
          title: HOSTILE,
          svg: `<svg xmlns="http://www.w3.org/2000/svg"><script>hacked=1</script></svg>`,
          rows: [[HOSTILE, HOSTILE]],
        },
      ],
      scopes: [
        { ...SCOPE, stopped: null },
        { ...SCOPE, scope: HOSTILE, stopped: 'states' },
      ],
      graph: stateGraph(scope('1x1x2x1', { mode: 'literal' }), 'A2'),
    },
  }
}
