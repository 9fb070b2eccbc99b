import { describe, expect, it } from 'vitest'
import * as reference from '../../../spec/reference/primitives.ts'
import * as implementation from '../../../src/index.ts'
import { plan, runChunk } from '../campaign/campaign.ts'
import { showing } from '../campaign/minimal.ts'
import { loadVariant } from '../process/variants.ts'
import { remembering } from '../world/remembering.ts'
import { systemOf } from '../world/system.ts'
import { modelCrypto, modelPrimitives, modelSystem, underModel } from './model-crypto.ts'
import { srcSystem } from './party-file.ts'
import { partyOf } from './src.ts'

const { primitives } = implementation
const bytes = (n: number, first = 0): Uint8Array => Uint8Array.from({ length: n }, (_, i) => first + i)

describe('what takes the place of cryptography', () => {
  it('is the same to the implementation and to the reference', () => {
    underModel(() => {
      expect(primitives.kdf(modelCrypto, bytes(32), bytes(9), 16)).toEqual(reference.hkdf(bytes(32), bytes(9), 16))
      expect(modelCrypto.hmac(bytes(16), bytes(80))).toEqual(reference.hmac(bytes(16), bytes(80)))
      expect(modelCrypto.sha256(bytes(80))).toEqual(reference.sha256(bytes(80)))
    })
    expect(reference.sha256(bytes(80))).not.toEqual(modelPrimitives.sha256(bytes(80)))
  })

  it('opens what it closed under the same key and IV alone, and tells any two inputs apart', () => {
    const { aesEncrypt, aesDecrypt, hmac } = modelCrypto
    const closed = aesEncrypt(bytes(16), bytes(16, 1), bytes(48))
    expect(aesDecrypt(bytes(16), bytes(16, 1), closed)).toEqual(bytes(48))
    for (const [key, iv] of [[bytes(16, 1), bytes(16, 1)] as const, [bytes(16), bytes(16)] as const])
      expect(aesDecrypt(key, iv, closed)).not.toEqual(bytes(48))
    const tags = new Set<string>()
    for (let length = 0; length < 60; length++)
      for (let bit = 0; bit < 8 * length; bit++) {
        const data = new Uint8Array(length)
        data[bit >> 3] = 1 << (bit & 7)
        tags.add(Buffer.from(hmac(bytes(32), data)).toString('hex'))
        tags.add(Buffer.from(hmac(data, bytes(32))).toString('hex'))
      }
    expect(tags.size).toBe(2 * 8 * ((59 * 60) / 2))
  })
})

describe('src under model cryptography', () => {
  const UNSEEN = ['KAT', 'A9', 'TWIN']
  const chunks = plan(7, 96, ['bound'], ['tamper', 'insider'])

  it('is judged by all but what asks about bytes, as often as under real cryptography', () => {
    for (const chunk of chunks) {
      const real = runChunk(chunk, srcSystem)
      const model = underModel(() => runChunk(chunk, modelSystem(implementation)))
      for (const id of UNSEEN)
        expect(model.tallies.bound[id], id).toMatchObject({ judged: 0, witnesses: 0, notObservable: true })
      const seen = (of: typeof real) => Object.entries(of.tallies.bound).filter(([id]) => !UNSEEN.includes(id))
      expect(seen(model)).toEqual(seen(real))
      expect({ ...model, tallies: null }).toEqual({ ...real, tallies: null })
    }
  })

  it('shows a planted defect, by schedules that show it under real cryptography too', async () => {
    const flaw = {
      file: 'src/primitives.ts',
      find: "  if (!verifies(c, keys.mac, frame)) return 'bad-tag'\n",
      replace: '',
    }
    const src = await loadVariant([flaw])
    const found = underModel(() => runChunk(chunks[0]!, modelSystem(src))).tallies.bound
    const broken = Object.entries(found).filter(([, t]) => t.broken > 0)
    expect(broken.map(([id]) => id)).toContain('C1')
    const real = systemOf('flawed', partyOf(src), partyOf(src))
    for (const [id, { first }] of broken)
      expect(showing({ broken: [{ invariant: id, kind: null }], schedules: [first!.schedule] }, real), id).toHaveLength(
        1,
      )
  })
})

describe('cryptography with a memory', () => {
  it('gives what it once made, by the whole input, and copies that may be overwritten', () => {
    let made = 0
    const counted =
      (f: (...all: readonly Uint8Array[]) => Uint8Array) =>
      (...all: readonly Uint8Array[]) => {
        made++
        return f(...all)
      }
    const { hmac, aesCbcEncrypt, aesCbcDecrypt } = reference.NOBLE
    const crypt = { aesCbcEncrypt: counted(aesCbcEncrypt), aesCbcDecrypt: counted(aesCbcDecrypt) }
    const all = { ...reference.NOBLE, hmac: counted(hmac), ...crypt } as reference.Primitives
    const kept = remembering(all, 8)
    const text = bytes(40)
    const inputs = [0, 1, 16, 40].map((n) => [text.subarray(0, n), text.subarray(n)] as const)
    for (const _ of [1, 2])
      for (const [key, data] of inputs) {
        const tag = kept.hmac(key, data)
        expect(tag).toEqual(hmac(key, data))
        tag.fill(0)
      }
    expect(made).toBe(inputs.length)
    for (const length of [16, 32, 16])
      expect(kept.hkdf(bytes(32), bytes(9), length)).toEqual(reference.NOBLE.hkdf(bytes(32), bytes(9), length))
    const [key, iv, blocks] = [bytes(16), bytes(16, 1), bytes(48)]
    for (const way of ['aesCbcEncrypt', 'aesCbcDecrypt', 'aesCbcEncrypt'] as const)
      expect(kept[way](key, iv, blocks)).toEqual(reference.NOBLE[way](key, iv, blocks))
    expect(made).toBe(inputs.length + 2)
    kept.hmac(text, text)
    kept.hmac(text, text)
    expect(made).toBe(inputs.length + 3) // the ninth: the eight before it are forgotten
    kept.hmac(...inputs[0]!)
    expect(made).toBe(inputs.length + 4)
  })
})
