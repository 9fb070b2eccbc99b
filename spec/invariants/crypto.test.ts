import * as crypto from './crypto.ts'
import type { Story } from './testkit.ts'
import { c0, c1, keys, s0, s1 } from './testkit.ts'
import { ownTests } from './testkit-judging.ts'

const shown = (s: Story, at: typeof c0) => s.facts(at)!.view!.keys!

ownTests(crypto, {
  C1: {
    holds: {
      'an altered frame is rejected': (s) => {
        s.handshake(1)
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
      },
    },
    breaks: {
      'an altered frame is accepted': (s) => {
        s.handshake(1)
        const altered = s.altered(s.submits(c0, 1))
        s.takes(s0, altered)
        return 's0 accepted a frame that nobody sent (opcode 30, round 1)'
      },
    },
  },
  C2: {
    holds: {
      'what verifies is decrypted, what does not is rejected': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.refuses(s0, s.altered(s.submits(c0, 1)), 'bad-tag')
      },
    },
    breaks: {
      'AES runs before the tag is checked': (s) => {
        s.handshake(1)
        const altered = s.altered(s.submits(c0, 1))
        s.begins(s0)
        s.delivers(s0, altered)
        s.decrypts(s0, altered)
        return 's0 decrypted a frame whose tag does not verify'
      },
      'AES runs under the keys of another session': (s) => {
        s.handshake(1)
        s.handshake(1)
        const data = s.submits(c0, 1)
        s.begins(s1)
        s.decrypts(s1, data)
        return 's1 decrypted a frame whose tag does not verify'
      },
      'AES runs on a part of a frame': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.decrypts(s0, null)
        return 's0 decrypted bytes that are no delivered ciphertext'
      },
    },
  },
  C3: {
    holds: {
      'bad padding under a valid tag is rejected': (s) => {
        s.handshake(1)
        s.refuses(s0, s.unpadded(s0, 'DATA', c0), 'bad-padding')
      },
    },
    breaks: {
      'in a DATA': (s) => {
        s.handshake(1)
        s.takes(s0, s.unpadded(s0, 'DATA', c0))
        return 's0 accepted opcode 30 with padding that is not PKCS#7'
      },
      'in a TERMINATE, at a client': (s) => {
        s.handshake(1)
        s.takes(c0, s.unpadded(c0, 'TERMINATE', s0))
        return 'c0 accepted opcode 60 with padding that is not PKCS#7'
      },
    },
  },
  C4: {
    holds: {
      'each frame has its own': (s) => {
        s.handshake(1)
        s.begins(null)
        s.sends(c0, 'TERMINATE', { iv: { value: 'a', drawn: true } })
        s.sends(s0, 'TERMINATE', { iv: { value: 'b', drawn: null } })
      },
      'once generators repeat, so do IVs': (s) => {
        s.handshake(1)
        s.rngRepeats = true
        s.begins(null)
        s.sends(c0, 'TERMINATE', { iv: { value: 'a', drawn: true } })
        s.sends(s0, 'TERMINATE', { iv: { value: 'a', drawn: true } })
      },
    },
    breaks: {
      'it was used before, by the other side': (s) => {
        s.handshake(1)
        s.begins(c0)
        s.sends(c0, 'DATA', { iv: { value: 'a', drawn: true } })
        s.begins(s0)
        s.sends(s0, 'TERMINATE', { iv: { value: 'a', drawn: null } })
        return 's0 sent an IV that was used before'
      },
      'it was never drawn': (s) => {
        s.handshake(1)
        s.begins(c0)
        s.sends(c0, 'DATA', { iv: { value: 'a', drawn: false } })
        return 'c0 sent an IV that is none of its random draws'
      },
      'it was never drawn, though generators repeat': (s) => {
        s.handshake(1)
        s.rngRepeats = true
        s.begins(c0)
        s.sends(c0, 'DATA', { iv: { value: 'a', drawn: false } })
        return 'c0 sent an IV that is none of its random draws'
      },
    },
  },
  C5: {
    holds: {
      'two clients, one of them with two sessions': (s) => {
        s.handshake(1)
        s.handshake(1)
        s.handshake(2)
        s.rounds(c0, s0, [1], [2])
      },
      'literal: sessions of a client share S2C-MAC by design': (s) => {
        s.mode = 'literal'
        s.handshake(1)
        s.handshake(1)
        s.rounds(c0, s0, [1])
        s.rounds(c1, s1, [1])
      },
    },
    breaks: {
      'one key for encryption and tag': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { keys: keys('a', 'a', 'b', 'c') })
        return 'one key serves as C2S-ENC of client 1 in round 1 of session c0.0 HELLO/s0.0 CHALLENGE and as C2S-MAC'
      },
      'one key for two rounds': (s) => {
        s.handshake(1)
        const [, mac] = shown(s, s0)
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        s.commits(s0, { keys: keys('a', mac, 'b', 'c') })
        return 'as C2S-MAC of client 1 in round 2'
      },
      'no key evolves': (s) => {
        s.handshake(1)
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        s.commits(s0, { keys: shown(s, s0) })
        return 'one key serves as C2S-ENC of client 1 in round 1 of session c0.0 HELLO/s0.0 CHALLENGE and as C2S-ENC'
      },
      'one key for two clients': (s) => {
        s.connects(1)
        s.begins(null)
        s.opens(c1, 2)
        s.sends(c1, 'HELLO')
        s.commits(c1, { keys: shown(s, c0) })
        return 'C2S-ENC of client 1 in the handshake of c0.0 HELLO and as C2S-ENC of client 2 in the handshake of c1.0'
      },
      'one key for two sessions': (s) => {
        s.handshake(1)
        s.takes(s1, s.connects(1))
        s.sends(s1, 'CHALLENGE')
        s.commits(s1, { keys: shown(s, s0) })
        return 'of session c0.0 HELLO/s0.0 CHALLENGE and as C2S-ENC of client 1 in round 1 of session c1.0 HELLO/'
      },
      'one key for the handshakes of two HELLOs': (s) => {
        s.connects(1)
        s.begins(null)
        s.opens(c1, 1)
        s.sends(c1, 'HELLO')
        s.commits(c1, { keys: shown(s, c0) })
        return 'C2S-ENC of client 1 in the handshake of c0.0 HELLO and as C2S-ENC of client 1 in the handshake of c1.0'
      },
      'literal: one key for two rounds': (s) => {
        s.mode = 'literal'
        s.handshake(1)
        const [, , , mac] = shown(s, s0)
        s.takes(s0, s.submits(c0, 1))
        s.sends(s0, 'RESPONSE')
        s.commits(s0, { keys: keys('a', 'b', 'c', mac) })
        return 'one key serves as S2C-MAC of client 1 in round 1 and as S2C-MAC of client 1 in round 2'
      },
    },
  },
  KAT: {
    holds: {
      'a faithful conversation': (s) => {
        s.handshake(1)
        s.rounds(c0, s0, [1])
      },
    },
    breaks: {
      'a frame under other keys': (s) => {
        s.handshake(1)
        s.begins(c0)
        s.sends(c0, 'DATA', { body: { kind: 'sealed' } })
        return 'c0 sent a frame (opcode 30) that no key of the reference opens'
      },
      'a frame with another payload': (s) => {
        s.handshake(1)
        s.begins(c0)
        s.sends(c0, 'DATA', { body: { kind: 'opaque', hex: '00' } })
        return 'c0 sent a frame (opcode 30) whose plaintext is no payload of PROTOCOL §5'
      },
      'a client frame with the direction of the server': (s) => {
        s.handshake(1)
        s.begins(c0)
        s.sends(c0, 'DATA', { header: { direction: 2 } })
        return 'c0 sent direction 2'
      },
      'a server frame with the direction of the client': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.sends(s0, 'TERMINATE', { header: { direction: 1 } })
        return 's0 sent direction 1'
      },
      'a frame with another client id': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.sends(s0, 'TERMINATE', { header: { id: 2 } })
        return 's0 sent client id 2'
      },
      'a session where there should be none': (s) => {
        s.begins(s0)
        const view = { id: 1, phase: 'ACTIVE', round: 1, confirmed: false, outstanding: false, keys: null } as const
        s.tells({ on: 'committed', at: s0, before: null, view })
        return 's0 has a session where the reference has none'
      },
      'another round': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { round: 2 })
        return 's0 is in round 2, the reference in 1'
      },
      'other initial keys': (s) => {
        s.begins(null)
        s.opens(c0, 1)
        s.sends(c0, 'HELLO')
        s.commits(c0, { keys: keys('a', 'b', 'c', 'd') })
        return 'c0 holds another C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC than the reference in round 0'
      },
      'one other evolved key': (s) => {
        s.handshake(1)
        const [a, b, c] = shown(s, s0)
        s.begins(s0)
        s.commits(s0, { keys: keys(a, b, c, 'd') })
        return 's0 holds another S2C-MAC than the reference in round 1'
      },
      'no keys to show': (s) => {
        s.handshake(1)
        s.begins(s0)
        s.commits(s0, { keys: null })
        return 's0 holds another C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC than the reference in round 1'
      },
    },
  },
})
