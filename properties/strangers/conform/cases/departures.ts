/** Clients that leave, come back, or whose connections break. */
import { setTimeout as pause } from 'node:timers/promises'
import { opcodeIn } from '../../../../spec/dialects/opcodes.ts'
import { writeData, writeGoodbye } from '../../../../spec/dialects/payload.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { EMPTY } from '../../../../spec/reference/bytes.ts'
import { HEADER_BYTES, IV_BYTES } from '../../../../spec/reference/frame.ts'
import { unread } from '../arithmetic.ts'
import { gone, isAsked, leaveFor, twoInSession, victims } from '../strike.ts'
import { Prerequisite, type Round, type Session, type Trial } from '../trial.ts'
import { about, type Case, failed, inconclusive, informational, ok } from '../verdicts.ts'
import { flip } from './altered.ts'

const UNASKED = 'a server that waits for everybody cannot be asked'

/** The owner of the key comes back while its old connection still stands. */
const TAKEOVER: Case = {
  ...about('sessions/takeover', 'I', 'G2', 'PROTOCOL §7'),
  says: 'a client that comes back and submits replaces its old session: the old one has ended, its values do not count, its end hurts nobody',
  advice:
    'One client counts twice, or loses its new session when its old connection ends. Keep at most one confirmed session an id; the newer one replaces the older with its first DATA; remove a session only when its own connection ends.',
  async play(t) {
    if (t.manners.waits) return informational(UNASKED)
    const { x, y } = await twoInSession(t)
    const second = await t.login(t.x)
    x.gone = true
    const taken = await t.round(second, [5])
    if (!taken.answered) return failed(`the first round after coming back: ${taken.text}`, 'A')
    const old = await t.round({ ...x }, [1_000])
    if (old.answered) return failed(`both sessions go on; the old one: ${old.text}`)
    if (taken.right === false) return failed(`the first answer after coming back is wrong: ${taken.text}`)
    x.peer.leave()
    await x.peer.hear(50)
    // Before X submits again, which would put back what went with the old connection: somebody in its round.
    await leaveFor(t, y)
    await pause(100) // or it would be a second session of Y
    const back = await t.login(t.y)
    const beside = await t.round(back, [9])
    if (!beside.answered) return failed(`when the old connection ends, the next round of Y: ${beside.text}`)
    if (beside.right === false)
      return failed(`the old connection takes the values of the new session along: ${beside.text}`)
    const hurt = await victims(t, { 'X in its new session': second, Y: back })
    return hurt === null ? ok(old.text) : failed(`when the old connection ends, ${hurt}`)
  },
}

/** Asked apart from TAKEOVER, which ends where both go on. */
const OLD_ENDS: Case = {
  ...about('sessions/old-ends', 'I', 'I4', 'PROTOCOL §7'),
  says: 'when the old connection of a client that came back ends, its new session goes on, and its values still count',
  advice:
    'A client loses its new session, or its values, when its old connection ends at last. Remove what belongs to the connection that ends, and nothing under the id alone.',
  async play(t) {
    if (t.manners.waits) return informational(UNASKED)
    const x = await t.login(t.x)
    const first = await t.round(x, [5])
    if (!first.answered) throw new Prerequisite(`the first round of X: ${first.text}`)
    const second = await t.login(t.x)
    const taken = await t.round(second, [3])
    if (!taken.answered) return inconclusive(`the first round after coming back: ${taken.text}`) // sessions/takeover
    await leaveFor(t, x)
    await pause(100)
    const y = await t.login(t.y)
    const beside = await t.round(y, [9])
    if (!beside.answered) return failed(`the next round of Y: ${beside.text}`)
    if (beside.right === false) return failed(`the values of the new session: ${beside.text}`)
    const hurt = await victims(t, { 'X in its new session': second })
    return hurt === null ? ok(beside.text) : failed(hurt)
  },
}

/** What happens in the name of X after it has left; a session where X itself is back. */
const revive = {
  away: async () => null,
  goodbye: async () => null,
  junk: async () => null,
  back: (t: Trial) => t.login(t.x),
  async replayed(t: Trial, x: Session) {
    await t.greet(t.start(t.x), x.hello, await t.open())
    return null
  },
  async header(t: Trial, x: Session) {
    const third = await t.open()
    third.send(x.hello.slice(0, HEADER_BYTES + IV_BYTES))
    await third.hear(50)
    return null
  },
} satisfies Record<string, (t: Trial, x: Session) => Promise<Session | null>>

const departure = (name: string, says: string, back: keyof typeof revive): Case => ({
  ...about(`departure/${name}`, ['replayed', 'header', 'junk'].includes(back) ? 'K' : 'I', 'G3', 'PROTOCOL §8'),
  says,
  unsupported: unread,
  advice:
    'Values of clients that have left stay in the aggregate, so one can leave, come back and count many times. Withdraw the values of a session when its connection ends, and keep none under the id alone.',
  async play(t) {
    if (t.manners.waits) return informational(UNASKED)
    // Y alone, before anything happens: what a server that forgets nothing can be compared with.
    const before = await t.login(t.y)
    const alone = await t.round(before, [1])
    if (!alone.answered) throw new Prerequisite(`the first round of Y: ${alone.text}`)
    await leaveFor(t, before)
    const x = await t.login(t.x)
    const y = await t.login(t.y)
    const mine = await t.round(x, [700])
    if (!mine.answered) throw new Prerequisite(`the first round of X: ${mine.text}`)
    if (mine.right === false)
      return failed(`X alone submits 700, and the answer counts what has left before: ${mine.text}`)
    if (back === 'goodbye') {
      x.peer.send(t.seal(x.position, OP.TERMINATE, writeGoodbye(t.dialect) ?? EMPTY))
      await x.peer.hear(50)
    }
    if (back === 'junk') {
      const third = await t.open()
      third.send(flip(-1)(x.hello))
      await third.hear(50)
    }
    await leaveFor(t, x)
    const again = await revive[back](t, x)
    const rounds: (readonly [string, Round])[] = [['Y', await t.round(y, [1])]]
    if (again !== null) rounds.push(['X', await t.round(again, [5])])
    for (const [who, r] of rounds) {
      if (!r.answered) return failed(`${who} after it: ${r.text}`, 'A')
      const changed = who === 'Y' && r.text !== alone.text ? ` (${alone.text} before X came and left)` : ''
      if (r.right === false || changed !== '')
        return failed(`the answer to ${who} still counts what has left: ${r.text}${changed}`)
    }
    if (mine.right === null) return inconclusive(`not known what an answer is about: ${mine.text}`)
    return ok(rounds.map(([who, r]) => `${who}: ${r.text}`).join('; '))
  },
})

const RST: Case = {
  ...about('robust/reset', 'A', 'F1', 'PROTOCOL §7'),
  says: 'connections that are reset, before and while an answer is due, end nothing but themselves',
  advice:
    'Anybody ends the server for everybody with one reset connection. Ignore SIGPIPE, treat a failed send as the end of that connection, and catch what its handler throws.',
  async play(t) {
    const { x, y } = await twoInSession(t)
    const hello = t.helloOf(t.x)
    for (const ms of [0, 5, 10, 20, 40]) {
      const peer = await t.open()
      peer.send(hello)
      await pause(ms)
      peer.reset()
    }
    await pause(100)
    if (!(await t.alive())) return gone(t, 'a HELLO, then a reset')
    const z = await t.login(t.x)
    z.peer.send(t.dataOf(z, [2]))
    z.peer.reset()
    await pause(100)
    if (!(await t.alive())) return gone(t, 'a DATA, then a reset')
    // The DATA of z may have confirmed it, which takes the session of X over.
    x.gone = true
    z.gone = true
    t.judgesNumbers = false // who knows what of it was counted
    const hurt = await victims(t, { Y: y })
    if (hurt !== null) return failed(hurt)
    return ok(isAsked(t) ? 'the others go on' : 'it is there; whether the others go on was not judged')
  },
}

/** The answer to a DATA is sent, and its client never gets it. */
const LOST: readonly Case[] = [
  {
    ...about('lost/resent', 'I', 'A2', 'PROTOCOL §4'),
    says: 'a client that did not get an answer sends its DATA again, sealed anew under the keys it has: it counts once',
    advice:
      'A value counts twice where an answer is lost. Move the keys and the round with the answer, and end the session on a DATA under the old ones.',
    async play(t) {
      const { x, y } = await twoInSession(t)
      const before = x.position
      const [first] = await t.together([x, y], [100], [9])
      if (!first!.answered) throw new Prerequisite(`the second round of X: ${first!.text}`)
      const again = t.seal(before, OP.DATA, writeData(t.dialect, [100]))
      x.peer.send(again)
      await t.surround(x.peer)
      const r = await t.reaction(x.peer, x.position)
      const old = r.frame !== null && before.after(again).opens(r.frame, 's2c').padOk
      if (r.accepted || (old && opcodeIn(t.dialect, r.frame!) === OP.RESPONSE))
        return failed(`it is answered: ${r.text}`)
      if (!(await t.alive())) return gone(t, r.text)
      await leaveFor(t, x)
      const hurt = await victims(t, { Y: y })
      return hurt === null ? ok(r.text) : failed(`${r.text}; ${hurt}`)
    },
  },
  {
    ...about('lost/back-after-reset', 'A', 'L1', 'PROTOCOL §7'),
    says: 'a client whose connection broke before its answer came back, and submits again: it is served, and counts once',
    advice:
      'One broken connection keeps a client out, or makes it count twice. Withdraw the values of a session when its connection ends, and take a new HELLO at any time.',
    async play(t) {
      if (t.manners.waits) return informational(UNASKED)
      const { x, y } = await twoInSession(t)
      const lost = await t.round(x, [100]) // else an RST might take the DATA away as well
      if (!lost.answered) throw new Prerequisite(`the second round of X: ${lost.text}`)
      x.peer.reset()
      x.gone = true
      await pause(50)
      if (!(await t.alive())) return gone(t, 'a DATA, then a reset')
      const back = await t.greet(t.start(t.x), t.helloOf(t.x), await t.open())
      if (typeof back === 'string') return failed(`its HELLO after coming back: ${back}`)
      const r = await t.round(back, [100])
      if (!r.answered) return failed(`the first round after coming back: ${r.text}`)
      if (r.right === false) return failed(`the first answer after coming back is wrong: ${r.text}`, 'I')
      const other = await t.round(y, [9])
      if (!other.answered) return failed(`the next round of Y: ${other.text}`)
      if (other.right === false) return failed(`the next answer to Y is wrong: ${other.text}`, 'I')
      const why = unread(t.dialect)
      if (why !== null) return ok(`it is served; ${why}`)
      return other.right === null ? inconclusive(`not known what an answer is about: ${r.text}`) : ok(r.text)
    },
  },
]

export const DEPARTURES: readonly Case[] = [
  TAKEOVER,
  OLD_ENDS,
  ...LOST,
  departure('withdrawn', 'the values of a client that has left do not count any more', 'away'),
  departure('goodbye', 'nor after a last TERMINATE', 'goodbye'),
  departure('after-junk', 'nor when a HELLO with a bad tag came in its name before it left', 'junk'),
  departure('back', 'nor when it comes back, and submits in that round again', 'back'),
  departure('hello-replayed', 'nor when its HELLO is sent again by somebody without a key', 'replayed'),
  departure('header-replayed', 'nor when the header of its HELLO is sent again, without a tag', 'header'),
  RST,
]
