/** Whose session is it: replays, frames on other connections, a second session of an id, departures. */
import { setTimeout as pause } from 'node:timers/promises'
import { isPrefixed } from '../../../../spec/dialects/dialect.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { blame, gone, leaveFor, strikeElsewhere, strikeInSession, twoInSession, victims } from '../strike.ts'
import { Prerequisite, type Session, type Trial } from '../trial.ts'
import { about, type Case, failed, type Judged, ok } from '../verdicts.ts'

const replayAdvice =
  'An old message counts again. Let every frame belong to one round of one session: move the keys after each exchange, and compare the round.'
const elsewhereAdvice =
  'Somebody without a key ends or moves the session of another client. Let a session belong to the connection that it began on; look up nothing by the id in a header.'

/** A session that X has had: its frames are what somebody on the network has recorded. */
const recorded = async (t: Trial): Promise<Session> => {
  const s = await t.login(t.x)
  const partner = t.manners.waits ? await t.login(t.y) : null
  const [first] = await t.together(partner === null ? [s] : [s, partner], [3], [4])
  if (!first!.answered) throw new Prerequisite(`the session to record: ${first!.text}`)
  if (partner !== null) t.leave(partner)
  t.leave(s)
  await s.peer.hear(20)
  return s
}

/** Where the keys of client frames come from the client's frames alone, every dialect without binding has it. */
const flaw = (t: Trial, observed: string): Judged => failed(observed, t.dialect.binding === 'none' ? 'P' : 'K')

const SESSION_REPLAY: Case = {
  ...about('replay/session', 'K', 'A2', 'PROTOCOL §9'),
  says: 'HELLO and DATA of an earlier session, sent again without any key, must not be accepted',
  advice:
    'Whoever has recorded a session sends its values again, as often as wanted. Bind the keys of both directions to the fresh CHALLENGE (PROTOCOL §4, bind step): no server can mend it alone.',
  async play(t) {
    const old = await recorded(t)
    const again = await t.greet(t.start(t.x), old.hello, await t.open())
    if (typeof again === 'string') return ok(`the HELLO is refused: ${again}`)
    again.peer.send(old.sent[1]!)
    await t.surround(again.peer)
    const r = await t.reaction(again.peer, again.position)
    return r.accepted
      ? flaw(t, `the HELLO is answered, the DATA too: ${r.text}`)
      : ok(`the HELLO is answered; the DATA: ${r.text}`)
  },
}

const SPLICE: Case = {
  ...about('replay/first-data-of-another-session', 'K', 'A1s', 'PROTOCOL §9'),
  says: 'the first DATA of an earlier session must not be accepted in a new one',
  advice:
    'A value of yesterday counts today, in a session that its client opened itself. Bind the client keys to the CHALLENGE (PROTOCOL §4, bind step).',
  async play(t) {
    const old = await recorded(t)
    const x = await t.login(t.x)
    x.peer.send(old.sent[1]!)
    await t.surround(x.peer)
    const r = await t.reaction(x.peer, x.position)
    return r.accepted ? flaw(t, `it is accepted: ${r.text}`) : ok(r.text)
  },
}

const REPLAYS: readonly Case[] = [
  SESSION_REPLAY,
  SPLICE,
  {
    ...about('replay/data', 'K', 'A1', 'PROTOCOL §4'),
    says: 'the DATA of the last round, sent again, must be refused',
    advice: replayAdvice,
    play: (t) => strikeInSession(t, ({ x }) => x.sent.at(-1)!),
  },
  {
    ...about('replay/hello-in-session', 'K', 'S1', 'PROTOCOL §4'),
    says: 'the HELLO of the session, sent again on its connection, must be refused',
    advice:
      'A recorded HELLO resets a session that is under way, and its keys with it. Accept a HELLO on a connection without a session only.',
    play: (t) => strikeInSession(t, ({ x }) => x.hello),
  },
  {
    ...about('replay/reflection', 'K', 'A1', 'PROTOCOL §2'),
    says: 'the last answer of the server, sent back to it, must be refused',
    advice:
      'What the server said is taken for what a client says. Check the direction byte, and use other keys in each direction.',
    play: (t) => strikeInSession(t, ({ x }) => x.got.at(-1)!),
  },
  {
    ...about('replay/twice-in-a-row', 'K', 'A2', 'PROTOCOL §8'),
    says: 'a DATA that arrives twice counts once',
    advice: replayAdvice,
    async play(t) {
      const { x, y } = await twoInSession(t)
      const data = t.dataOf(x, [100])
      x.peer.send(data)
      if (!isPrefixed(t.dialect.framing)) await pause(30) // else the two are one there
      x.peer.send(data)
      await t.surround(x.peer, 2)
      const one = await t.reaction(x.peer, x.position)
      if (t.manners.waits)
        return one.accepted ? failed('one of two answers came though nobody else had submitted') : ok(one.text)
      if (!one.accepted) return failed(`the first of the two is not answered: ${one.text}`, 'A')
      const position = x.position.after(data).after(one.frame!)
      const two = await t.reaction(x.peer, position)
      if (two.accepted) return failed(`both are answered: ${two.text}`)
      x.values.set(y.position.round, [100])
      if (!two.open) await leaveFor(t, x)
      const { round } = y.position
      const after = await t.round(y, [11])
      if (!after.answered) return failed(`the next round of Y: ${after.text}`)
      if (after.right !== false) return ok(`answered once, then ${two.text}`)
      x.gone = !x.gone // values of who has left may count, which departure/* ask for, and those of a dead session not
      const once = t.fits(t.manners.sums, y, round, after.body!) === true
      return once
        ? ok(`answered once, then ${two.text}; it counts once`)
        : failed(`the next answer to Y is wrong: ${after.text}`)
    },
  },
]

const onOther = (
  name: string,
  says: string,
  c: Partial<Case>,
  make: (t: Trial, y: Session, x: Session) => Uint8Array,
): Case => ({
  ...about(`elsewhere/${name}`, 'K', 'I4', 'PROTOCOL §7'),
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
    ...about('elsewhere/data-on-the-connection-of-y', 'K', 'I4', 'PROTOCOL §7'),
    says: 'a genuine DATA of Y, delivered on the connection of X, must be refused',
    advice: elsewhereAdvice,
    async play(t) {
      const { x, y } = await twoInSession(t)
      const moved = t.dataOf(y, [9])
      x.peer.send(moved)
      const r = await t.reaction(x.peer, x.position)
      const ofY = r.frame !== null && y.position.after(moved).opens(r.frame, 's2c').padOk
      if (r.accepted || ofY) return failed(`it is answered on the connection of X: ${r.text}`)
      if (!(await t.alive())) return gone(t, r.text)
      await leaveFor(t, x)
      const hurt = await victims(t, { Y: y })
      return hurt === null ? ok(r.text) : blame(t, r.text, hurt)
    },
  },
  {
    ...about('elsewhere/two-bytes', 'K', 'I4', 'PROTOCOL §7'),
    says: 'two bytes with the id of X on another connection, which then closes, take nothing from X',
    advice:
      'Two bytes from anybody take the place of a client: it is registered before anything is checked, and gone when that connection ends. Register a session when its HELLO has been verified.',
    play: (t) =>
      strikeElsewhere(t, async () => {
        const third = await t.open()
        third.raw(Uint8Array.of(t.byteOf(OP.HELLO), t.x))
        await third.hear(100)
        third.leave()
        await third.hear(100)
        return 'nothing comes back'
      }),
  },
  {
    ...about('elsewhere/hello-again', 'K', 'I2', 'PROTOCOL §7'),
    says: 'a HELLO of X on another connection, as recorded, does not end its confirmed session',
    advice:
      'Whoever has recorded a HELLO throws its client out at any time. Let an old session live until the new one has sent a DATA that verifies.',
    async play(t) {
      const { x, y } = await twoInSession(t)
      const second = await t.greet(t.start(t.x), x.hello, await t.open())
      const said = typeof second === 'string' ? `it is refused (${second})` : 'it is answered'
      const hurt = await victims(t, { X: x, Y: y })
      if (hurt !== null) return failed(`${said}; ${hurt}`)
      if (typeof second === 'string') return ok(said)
      t.leave(second)
      await second.peer.hear(50)
      const after = await victims(t, { X: x, Y: y })
      return after === null ? ok(said) : failed(`${said}, and when its connection ends, ${after}`)
    },
  },
]

export const SESSIONS: readonly Case[] = [...REPLAYS, ...ELSEWHERE]
