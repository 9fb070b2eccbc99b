/** L3: attacks prove nothing unless faithful conversations pass around them. */
import { type Event, endName } from '../events.ts'
import type { Action, End, FrameRef, Pick, Schedule } from '../language.ts'
import { carriedOut, type Probe } from './probe.ts'

const DEMO_IDS = [5, 4, 3] // of the demo keyring (PROTOCOL §1)

/** The same action when one run and one connection were opened before everything else. */
const shifted = (a: Action): Action => {
  const end = (e: End): End => ({ side: e.side, n: e.n + 1 })
  const pick = (p: Pick): Pick => {
    const moved: FrameRef | null = typeof p === 'object' && 'by' in p ? { by: end(p.by), nth: p.nth } : null
    return moved ?? p
  }
  switch (a.do) {
    case 'connect':
    case 'converse':
    case 'advance':
    case 'restart':
      return a
    case 'submit':
    case 'finish':
      return { ...a, run: a.run + 1 }
    case 'deliver': {
      const edit = a.edit?.do === 'splice' ? { ...a.edit, from: pick(a.edit.from) } : a.edit
      return {
        ...a,
        frame: pick(a.frame),
        to: end(a.to),
        ...(edit && { edit }),
        ...(a.with && { with: a.with.map(pick) }),
      }
    }
    case 'inject':
      return { ...a, to: end(a.to) }
    case 'seal':
      return { ...a, to: end(a.to), as: end(a.as) }
    case 'close':
    case 'failSend':
    case 'leak':
      return { ...a, at: end(a.at) }
  }
}

/** A bystander converses, the batch of attacks follows, then every client converses. */
const surrounded = (s: Schedule, first: readonly Event[]): Schedule => {
  const bystander = DEMO_IDS.find((id) => !s.setup.clients.includes(id)) ?? DEMO_IDS[0]!
  const clients = [...s.setup.clients, bystander]
  const talk = (client: number): Action => ({ do: 'converse', client, rounds: 1 })
  const actions = [talk(clients.length - 1), ...carriedOut(first).map(shifted), ...clients.map((_, i) => talk(i))]
  const { connections: _, ...limits } = s.setup.limits // whether a full server takes somebody in is not the question
  return { ...s, setup: { ...s.setup, clients, limits }, actions }
}

export const L3: Probe = {
  id: 'L3',
  says: 'the faithful conversation passes before the batch of attacks and, for every client, after it',
  powers: 'NIL',
  needs: ['accepted', 'conversed'],
  literal: 'holds',
  witness: { says: 'a faithful round was completed after an attack was rejected', floor: 900 },
  check(s, first, play) {
    const around = surrounded(s, first)
    const asked = around.actions.flatMap((a, i) => (a.do === 'converse' ? [{ i, client: a.client }] : []))
    const events = play(around)
    const talks = events.filter((e) => e.on === 'conversed') // one for each that was asked for, in order
    const attacked = events.some((e) => e.on === 'rejected')
    let reached = 0
    for (const [k, { i, client }] of asked.entries()) {
      if (i > 0 && i < around.actions.length - around.setup.clients.length) continue // part of what is probed
      const talk = talks[k]
      if (talk !== undefined && talk.done === talk.asked) {
        if (i > 0 && attacked && talk.asked > 0) reached++
        continue
      }
      const when = i === 0 ? 'before' : 'after'
      const what = talk === undefined ? 'no session came about' : `${endName(talk.run)} did not complete its round`
      const why = `the faithful conversation of client ${around.setup.clients[client]} ${when} the attacks failed: ${what}`
      return { reached, violated: { step: s.actions.length - 1, why } }
    }
    return { reached, violated: null }
  },
}
