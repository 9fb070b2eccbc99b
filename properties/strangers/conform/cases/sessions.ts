/** Whose session is it: replays, frames on other connections, a second session of an id, departures. */
import { OP } from '../../../../spec/opcodes.ts'
import { HEADER_BYTES, IV_BYTES } from '../../../../spec/reference/frame.ts'
import { exitOf, leaveFor, strikeElsewhere, strikeInSession, twoInSession, victims } from '../strike.ts'
import { Prerequisite, type Session, type Trial } from '../trial.ts'
import { type Case, failed, informational, type Judged, ok } from '../verdicts.ts'

const replayAdvice =
  'An old message counts again. Let every frame belong to one round of one session: move the keys after each exchange, and compare the round.'
const elsewhereAdvice =
  'Somebody without a key ends or moves the session of another client. Let a session belong to the connection that it began on; look up nothing by the id in a header.'

/** A session that X has had: its frames are what somebody on the network has recorded. */
const recorded = async (t: Trial): Promise<Session> => {
  const s = await t.login(t.x)
  const partner = t.manners.waits ? await t.login(t.y) : null
  const all = await t.together(
    partner === null
      ? [[s, [3]]]
      : [
          [s, [3]],
          [partner, [4]],
        ],
  )
  if (!all[0]!.answered) throw new Prerequisite(`the session to record: ${all[0]!.text}`)
  if (partner !== null) t.leave(partner)
  t.leave(s)
  await s.peer.hear(20)
  return s
}

/** Where the keys of client frames come from the client's frames alone, every dialect without binding has it. */
const flaw = (t: Trial, observed: string): Judged => failed(observed, t.dialect.binding === 'none' ? 'P' : 'K')

const SESSION_REPLAY: Case = {
  id: 'replay/session',
  class: 'K',
  invariant: 'A2',
  clause: 'PROTOCOL §9',
  says: 'HELLO and DATA of an earlier session, sent again without any key, must not be accepted',
  advice:
    'Whoever has recorded a session sends its values again, as often as wanted. Bind the keys of both directions to the fresh CHALLENGE (PROTOCOL §4, bind step): no server can mend it alone.',
  async play(t) {
    const old = await recorded(t)
    const again = await t.greet(t.start(t.x), old.hello, await t.open())
    if (typeof again === 'string') return ok(`the HELLO is refused: ${again}`)
    if (t.manners.waits) {
      // A server that waits gives no answer to a DATA alone, accepted or not.
      const partner = await t.login(t.y)
      t.submit(partner, [4])
    }
    again.peer.send(old.sent[1]!)
    const r = await t.reaction(again.peer, again.position)
    return r.accepted
      ? flaw(t, `the HELLO is answered, the DATA too: ${r.text}`)
      : ok(`the HELLO is answered; the DATA: ${r.text}`)
  },
}

const SPLICE: Case = {
  id: 'replay/first-data-of-another-session',
  class: 'K',
  invariant: 'A1s',
  clause: 'PROTOCOL §9',
  says: 'the first DATA of an earlier session must not be accepted in a new one',
  advice:
    'A value of yesterday counts today, in a session that its client opened itself. Bind the client keys to the CHALLENGE (PROTOCOL §4, bind step).',
  async play(t) {
    const old = await recorded(t)
    const x = await t.login(t.x)
    const partner = t.manners.waits ? await t.login(t.y) : null
    if (partner !== null) t.submit(partner, [4])
    x.peer.send(old.sent[1]!)
    const r = await t.reaction(x.peer, x.position)
    return r.accepted ? flaw(t, `it is accepted: ${r.text}`) : ok(r.text)
  },
}

const REPLAYS: readonly Case[] = [
  SESSION_REPLAY,
  SPLICE,
  {
    id: 'replay/data',
    class: 'K',
    invariant: 'A1',
    clause: 'PROTOCOL §4',
    says: 'the DATA of the last round, sent again, must be refused',
    advice: replayAdvice,
    play: (t) => strikeInSession(t, ({ x }) => x.sent.at(-1)!),
  },
  {
    id: 'replay/hello-in-session',
    class: 'K',
    invariant: 'S1',
    clause: 'PROTOCOL §4',
    says: 'the HELLO of the session, sent again on its connection, must be refused',
    advice:
      'A recorded HELLO resets a session that is under way, and its keys with it. Accept a HELLO on a connection without a session only.',
    play: (t) => strikeInSession(t, ({ x }) => x.hello),
  },
  {
    id: 'replay/reflection',
    class: 'K',
    invariant: 'A5',
    clause: 'PROTOCOL §2',
    says: 'the last answer of the server, sent back to it, must be refused',
    advice:
      'What the server said is taken for what a client says. Check the direction byte, and use other keys in each direction.',
    play: (t) => strikeInSession(t, ({ x }) => x.got.at(-1)!),
  },
  {
    id: 'replay/twice-in-a-row',
    class: 'K',
    invariant: 'A2',
    clause: 'PROTOCOL §8',
    says: 'a DATA that arrives twice counts once',
    advice: replayAdvice,
    async play(t) {
      const { x, y } = await twoInSession(t)
      const data = t.dataOf(x, [100])
      x.peer.send(data)
      x.peer.send(data)
      const one = await t.reaction(x.peer, x.position)
      if (t.manners.waits)
        return one.accepted ? failed('one of two answers came though nobody else had submitted') : ok(one.text)
      if (!one.accepted) return failed(`the first of the two is not answered: ${one.text}`, 'A')
      const position = x.position.after(data).after(one.frame!)
      const two = await t.reaction(x.peer, position)
      if (two.accepted) return failed(`both are answered: ${two.text}`)
      await leaveFor(t, x)
      const hurt = await victims(t, [['Y', y]])
      return hurt === null ? ok(`answered once, then ${two.text}`) : failed(hurt)
    },
  },
]

const onOther = (
  name: string,
  says: string,
  c: Partial<Case>,
  make: (t: Trial, y: Session, x: Session) => Uint8Array,
): Case => ({
  id: `elsewhere/${name}`,
  class: 'K',
  invariant: 'I4',
  clause: 'PROTOCOL §7',
  says,
  advice: elsewhereAdvice,
  ...c,
  play: (t) =>
    strikeElsewhere(t, async ({ x, y }) => {
      const third = await t.open()
      third.send(make(t, y, x))
      return t.reaction(third, x.position)
    }),
})

const ELSEWHERE: readonly Case[] = [
  onOther(
    'bad-tag-in-my-name',
    'a DATA with a bad tag and the id of X on another connection hurts nobody',
    {},
    (t, _, x) => {
      const f = t.dataOf(x, [9])
      return f.with(-1, f.at(-1)! ^ 1)
    },
  ),
  {
    ...onOther(
      'data-moved',
      'a genuine DATA of X, delivered on another connection, must not be accepted there',
      {},
      (t, _, x) => t.dataOf(x, [9]),
    ),
  },
  {
    id: 'elsewhere/data-on-the-connection-of-y',
    class: 'K',
    invariant: 'I4',
    clause: 'PROTOCOL §7',
    says: 'a genuine DATA of Y, delivered on the connection of X, must be refused',
    advice: elsewhereAdvice,
    async play(t) {
      const { x, y } = await twoInSession(t)
      const moved = t.dataOf(y, [9])
      x.peer.send(moved)
      const r = await t.reaction(x.peer, x.position)
      const ofY = r.frame !== null && y.position.after(moved).opens(r.frame, 's2c').padOk
      if (r.accepted || ofY) return failed(`it is answered on the connection of X: ${r.text}`)
      await leaveFor(t, x)
      const hurt = await victims(t, [['Y', y]])
      return hurt === null ? ok(r.text) : failed(`${r.text}; ${hurt}`)
    },
  },
  {
    id: 'elsewhere/two-bytes',
    class: 'K',
    invariant: 'I4',
    clause: 'PROTOCOL §7',
    says: 'two bytes with the id of X on another connection, which then closes, take nothing from X',
    advice:
      'Two bytes from anybody take the place of a client: it is registered before anything is checked, and gone when that connection ends. Register a session when its HELLO has been verified.',
    play: (t) =>
      strikeElsewhere(t, async () => {
        const third = await t.open()
        third.raw(Uint8Array.of(OP.HELLO, t.x))
        await third.hear(100)
        third.leave()
        await third.hear(100)
        return 'nothing comes back'
      }),
  },
  {
    id: 'elsewhere/hello-again',
    class: 'K',
    invariant: 'I2',
    clause: 'PROTOCOL §7',
    says: 'a HELLO of X on another connection, as recorded, does not end its confirmed session',
    advice:
      'Whoever has recorded a HELLO throws its client out at any time. Let an old session live until the new one has sent a DATA that verifies.',
    async play(t) {
      const { x, y } = await twoInSession(t)
      const second = await t.greet(t.start(t.x), x.hello, await t.open())
      const said = typeof second === 'string' ? `it is refused (${second})` : 'it is answered'
      const hurt = await victims(t, [
        ['X', x],
        ['Y', y],
      ])
      if (hurt !== null) return failed(`${said}; ${hurt}`)
      if (typeof second === 'string') return ok(said)
      t.leave(second)
      await second.peer.hear(50)
      const after = await victims(t, [
        ['X', x],
        ['Y', y],
      ])
      return after === null ? ok(said) : failed(`${said}, and when its connection ends, ${after}`)
    },
  },
]

/** The owner of the key comes back while its old connection still stands. */
const TAKEOVER: Case = {
  id: 'sessions/takeover',
  class: 'I',
  invariant: 'G2',
  clause: 'PROTOCOL §7',
  says: 'a client that comes back and submits replaces its old session: the old one is over, its values do not count, its end hurts nobody',
  advice:
    'One client counts twice, or loses its new session when its old connection ends. Keep at most one confirmed session an id; the newer one replaces the older with its first DATA; remove a session only when its own connection ends.',
  async play(t) {
    if (t.manners.waits) return informational('a server that waits for everybody cannot be asked')
    const { x, y } = await twoInSession(t)
    const second = await t.login(t.x)
    x.gone = true
    const taken = await t.round(second, [5])
    if (!taken.answered) return failed(`the first round after coming back: ${taken.text}`, 'A')
    const old = await t.round({ ...x, peer: x.peer }, [1_000])
    if (old.answered) return failed(`both sessions go on; the old one: ${old.text}`)
    if (taken.right === false) return failed(`the first answer after coming back is wrong: ${taken.text}`)
    x.peer.leave()
    await x.peer.hear(50)
    const hurt = await victims(t, [
      ['X in its new session', second],
      ['Y', y],
    ])
    return hurt === null ? ok(old.text) : failed(`when the old connection ends, ${hurt}`)
  },
}

const departure = (name: string, says: string, back: 'away' | 'back' | 'replayed' | 'header'): Case => ({
  id: `departure/${name}`,
  class: back === 'replayed' || back === 'header' ? 'K' : 'I',
  invariant: 'G3',
  clause: 'PROTOCOL §8',
  says,
  advice:
    'Values of clients that have left stay in the aggregate, so one can leave, come back and count many times. Withdraw the values of a session when its connection ends, and keep none under the id alone.',
  async play(t) {
    const x = await t.login(t.x)
    const y = await t.login(t.y)
    const [mine] = await t.together([[x, [700]], ...(t.manners.waits ? [[y, [1]] as const] : [])])
    if (!mine!.answered) throw new Prerequisite(`the first round of X: ${mine!.text}`)
    const said = mine!.right === false ? ' (already the first was not about what was sent)' : ''
    t.leave(x)
    await x.peer.hear(50)
    let again: Session | null = null
    if (back === 'back') again = await t.login(t.x)
    if (back === 'replayed') {
      const s = await t.greet(t.start(t.x), x.hello, await t.open())
      again = typeof s === 'string' ? null : s
    }
    if (back === 'header') {
      const third = await t.open()
      third.send(x.hello.slice(0, HEADER_BYTES + IV_BYTES))
      await third.hear(50)
    }
    const seen: string[] = []
    const others = t.manners.waits ? [] : [['Y', y, [1]] as const]
    const mineAgain = back === 'back' && again !== null ? [['X', again, [5]] as const] : []
    const rounds =
      t.manners.waits && again !== null
        ? [['X', again, [5]] as const, ['Y', await t.login(t.y), [1]] as const]
        : [...others, ...mineAgain]
    const answers = await t.together(rounds.map(([, s, values]) => [s, values]))
    for (const [i, r] of answers.entries()) {
      const who = rounds[i]![0]
      if (!r.answered) return failed(`${who} after it: ${r.text}`, 'A')
      if (r.right === false) return failed(`the answer to ${who} still counts what has left: ${r.text}${said}`)
      seen.push(`${who}: ${r.text}`)
    }
    return ok(seen.join('; '))
  },
})

const RST: Case = {
  id: 'robust/reset',
  class: 'A',
  invariant: 'F1',
  clause: 'PROTOCOL §7',
  says: 'connections that are reset, before and while an answer is due, end nothing but themselves',
  advice:
    'Anybody ends the server for everybody with one reset connection. Ignore SIGPIPE, treat a failed send as the end of that connection, and catch what its handler throws.',
  async play(t) {
    const { x, y } = await twoInSession(t)
    const hello = t.helloOf(t.x)
    for (const ms of [0, 5, 10, 20, 40]) {
      const peer = await t.open()
      peer.send(hello)
      await new Promise((resolve) => setTimeout(resolve, ms))
      peer.reset()
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (!(await t.alive())) return failed(`a HELLO, then a reset: the server is gone${exitOf(t)}`)
    const z = await t.login(t.x)
    z.peer.send(t.dataOf(z, [2]))
    z.peer.reset()
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (!(await t.alive())) return failed(`a DATA, then a reset: the server is gone${exitOf(t)}`)
    // The DATA of z may have confirmed it, which takes the session of X over.
    x.gone = true
    z.gone = true
    const r = t.manners.waits ? null : await t.round(y, [11])
    return r === null || r.answered ? ok('the others go on') : failed(`the next round of Y: ${r.text}`)
  },
}

export const SESSIONS: readonly Case[] = [
  ...REPLAYS,
  ...ELSEWHERE,
  TAKEOVER,
  departure('withdrawn', 'the values of a client that has left do not count any more', 'away'),
  departure('back', 'nor when it comes back, and submits in that round again', 'back'),
  departure('hello-replayed', 'nor when its HELLO is sent again by somebody without a key', 'replayed'),
  departure('header-replayed', 'nor when the header of its HELLO is sent again, without a tag', 'header'),
  RST,
]
