/** The files of corpus/vectors/, made by the reference; the same bytes every time. */
import type { Mode, Side } from '../../../spec/language.ts'
import { conversations } from './conversations.ts'
import type { Forged } from './forge.ts'
import { type CaseJson, type FileJson, FORMAT, format, type SituationJson } from './format.ts'
import { Recorder } from './recorder.ts'
import { MASTERS, type Situation, situations } from './situations.ts'

const MODES = ['bound', 'literal'] as const
const SIDES = ['server', 'client'] as const

/** Plays one invalid frame, and makes sure that it does what it is here for. */
function caseOf(mode: Mode, situation: Situation, { reason, why, frame, prefix }: Forged): CaseJson {
  const [recorder, session] = begun(mode, situation)
  const { outcome, ends, after, sends, ...step } = recorder.receive(session, situation.at, frame, prefix)
  const name = `${mode}, ${situation.name}: ${why}`
  if (outcome !== reason) throw new Error(`${name}: expected ${reason}, got ${outcome}`)
  const state = after[situation.at]
  if (ends.join() !== `${session}` || state?.keys) throw new Error(`${name}: the session did not end, or another did`)
  const frame_hex = step.do === 'receive' ? step.frame_hex : ''
  return { reason, why, ...(prefix === undefined ? {} : { prefix }), frame_hex, sends }
}

function begun(mode: Mode, situation: Situation): [Recorder, number] {
  const { name, says } = situation
  const recorder = new Recorder({ name, says, mode, masters: MASTERS })
  return [recorder, situation.begin(recorder)]
}

function played(mode: Mode, situation: Situation): SituationJson {
  const [recorder, session] = begun(mode, situation)
  const { at } = situation
  return {
    ...recorder.conversation(),
    receiver: { session, at, state: recorder.state(session, at) },
    cases: situation.cases(recorder, session).map((forged) => caseOf(mode, situation, forged)),
  }
}

const rejections = (mode: Mode, side: Side): FileJson => ({
  format: FORMAT,
  about: `frames that a ${side} must reject, each with the reason, and what it answers`,
  mode,
  situations: situations(side, mode).map((s) => played(mode, s)),
})

/** File name -> text. */
export function vectorFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, FileJson>()
  for (const mode of MODES) {
    for (const [name, { about, conversations: all }] of Object.entries(conversations(mode))) {
      files.set(`${mode}-${name}.json`, { format: FORMAT, about, mode, conversations: all })
    }
    for (const side of SIDES) files.set(`${mode}-rejected-by-${side}.json`, rejections(mode, side))
  }
  return new Map([...files].map(([name, file]) => [name, `${format(file)}\n`]))
}
