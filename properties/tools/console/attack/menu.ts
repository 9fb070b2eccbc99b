/** The commands as a menu: what there is to choose from at this moment. */
import { endName } from '../../../../spec/events.ts'
import type { Endpoint } from '../../../harness/ledger.ts'
import { decisionEntries, EDIT_ENTRIES } from '../decision.ts'
import type { Choice, Field, Menu } from '../prompter.ts'
import type { Attacker } from './attacker.ts'
import { standing } from './scene.ts'
import { captured, label } from './show.ts'

type Entry = Menu['entries'][number]

const live = (all: readonly Endpoint[]): readonly Choice[] =>
  all.filter((e) => !e.ended).map((e) => ({ value: endName(e.at), label: standing(e) }))

const text = (question: string, initial: string): Field => ({ ask: 'text', question, initial })
const choice = (question: string, choices: readonly Choice[]): Field => ({ ask: 'choice', question, choices })
const words = (...all: readonly string[]): readonly Choice[] => all.map((value) => ({ value, label: value }))

export const menuOf = (a: Attacker): Menu => {
  const { ledger } = a.scene.world
  const [runs, connections] = [live(ledger.clients), live(ledger.servers)]
  const client = choice('Which client?', words(...a.scene.clients.map(String)))
  const run = choice('Which client?', runs)
  const anywhere = [...connections, { value: 'new', label: 'new  a new connection' }, ...runs]
  const to = choice('Where to?', anywhere)
  const frame = choice(
    'Which frame?',
    captured(a.scene).map((f) => ({ value: f.frame, label: label(f) })),
  )
  const towards = { ...to, choices: anywhere.map((c) => ({ ...c, value: `to ${c.value}` })) }
  const [frames, sessions] = [frame.ask === 'choice' && frame.choices.length > 0, runs.length > 0]

  const waiting = a.middle.waiting[0]
  const middle: readonly Entry[] =
    waiting === undefined
      ? []
      : [...decisionEntries(false), { words: ['rest'], label: 'pass all that waits', fields: [] }].map((e) => ({
          ...e,
          label: `${waiting.id}: ${e.label}`,
        }))
  const first: readonly Entry[] = [
    {
      words: ['client'],
      label: 'run a legitimate client',
      fields: [client, text('Values to submit, one group a round?', '10,20 30')],
    },
    { words: ['middle'], label: 'sit in the middle of a client', fields: [client] },
  ]
  const user: readonly Entry[] = [
    { words: ['submit'], label: 'let a user submit', fields: [run, text('Values?', '10,20')] },
    { words: ['finish'], label: 'let a user end the session', fields: [run] },
  ]
  const replays: readonly Entry[] = [
    { words: ['frames'], label: 'show captured frames', fields: [] },
    { words: ['replay'], label: 'replay a frame', fields: [frame, towards] },
    ...EDIT_ENTRIES.map((e) => ({
      words: ['modify'],
      label: `change a frame: ${e.label}`,
      fields: [frame, { ask: 'fixed', words: e.words } as const, ...e.fields, towards],
    })),
    { words: ['reflect'], label: 'reflect a frame', fields: [frame] },
  ]
  const keys: readonly Entry[] = [
    ...(['reverse', 'zero'] as const).map((how) => ({
      words: ['corrupt'],
      label: `corrupt keys: ${how}`,
      fields: [run, { ask: 'fixed', words: [how] } as const, choice('Which keys?', words('both', 'enc', 'mac'))],
    })),
    ...(['xor', 'custom'] as const).map((how) => ({
      words: ['corrupt'],
      label: `corrupt keys: ${how}`,
      fields: [
        run,
        { ask: 'fixed', words: [how] } as const,
        text('With (hex)?', '5a'),
        choice('Which keys?', words('both', 'enc', 'mac')),
      ],
    })),
    { words: ['round'], label: 'send a wrong round', fields: [run, text('How many rounds off?', '+1')] },
  ]
  return {
    question: waiting === undefined ? 'What next?' : `${waiting.id} waits. What next?`,
    entries: [
      ...middle,
      ...first,
      ...(sessions ? user : []),
      ...(frames ? replays : []),
      ...(sessions ? keys : []),
      {
        words: ['impersonate'],
        label: 'impersonate a client without its key',
        fields: [text('Which id?', '1'), text('Under which key (hex, 16..64 bytes)?', '00'.repeat(32))],
      },
      { words: ['craft'], label: 'craft a frame', fields: [to, text('Fields?', 'opcode=data round=+0 tag=valid')] },
      { words: ['raw'], label: 'send raw bytes', fields: [to, text('Which (hex)?', '00000000')] },
      ...(connections.length > 0
        ? [{ words: ['close'], label: 'break a connection', fields: [choice('Which?', connections)] }]
        : []),
      { words: ['who'], label: 'show clients and connections', fields: [] },
      { words: ['save'], label: 'save what was done', fields: [text('File?', 'attack.json')] },
      { words: ['help'], label: 'show the command forms', fields: [] },
      { words: ['quit'], label: 'quit', fields: [] },
    ],
  }
}
