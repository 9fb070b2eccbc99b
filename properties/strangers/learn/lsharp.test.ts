import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Learner, type Teacher } from './lsharp.ts'
import { edge, type Machine, outputsOf, separates, type Word } from './machine.ts'
import { suite, walks } from './study.ts'

const ALPHABET = ['x', 'y', 'z']

/** Any machine of `n` states with few outputs: most are not minimal, and some states are not reached. */
const machines = fc.integer({ min: 1, max: 12 }).chain((n) =>
  fc
    .array(
      fc.array(fc.tuple(fc.integer({ min: 0, max: n - 1 }), fc.integer({ min: 0, max: 1 })), {
        minLength: 3,
        maxLength: 3,
      }),
      {
        minLength: n,
        maxLength: n,
      },
    )
    .map(
      (rows): Machine => ({
        alphabet: ALPHABET,
        states: rows.map((row) => ({
          access: [],
          next: Object.fromEntries(row.map(([to, o], i) => [ALPHABET[i]!, { output: String(o), to }])),
        })),
      }),
    ),
)

const teaching = (m: Machine): Teacher & { readonly asked: Word[] } => {
  const asked: Word[] = []
  return {
    asked,
    async ask(word) {
      asked.push(word)
      return outputsOf(m, word)
    },
  }
}

describe('Learner', () => {
  it('comes to a machine that gives the same outputs, smallest, with shortest access words that lead where they say', async () => {
    await fc.assert(
      fc.asyncProperty(machines, async (m) => {
        const learner = new Learner(ALPHABET, teaching(m))
        const differs = async (h: Machine): Promise<Word | null> => {
          const word = separates(h, m)
          if (word !== null) await learner.ask(word)
          return word
        }
        const h = await learner.learn(differs)
        expect(separates(h, m)).toBe(null)
        expect(learner.hypothesis().open).toEqual([])
        for (let a = 0; a < h.states.length; a++)
          for (let b = a + 1; b < h.states.length; b++) expect(separates(h, h, a, b)).not.toBe(null)
        for (const [i, s] of h.states.entries())
          expect(s.access.reduce((at, symbol) => edge(h, at, symbol).to, 0)).toBe(i)
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('says which edges are not known where its teacher ends it', async () => {
    const m: Machine = { alphabet: ALPHABET, states: [{ access: [], next: {} }] }
    const learner = new Learner(ALPHABET, {
      async ask(word) {
        if (word[0] === 'z') throw new Error('enough')
        return word.map(() => '0')
      },
    })
    await expect(learner.learn(async () => null)).rejects.toThrow('enough')
    expect(m.alphabet.filter((s) => learner.hypothesis().open.some((w) => w.at(-1) === s))).toContain('z')
  })
})

describe('the words that a hypothesis is tried on', () => {
  it('find every machine of at most as many more states as asked', async () => {
    await fc.assert(
      fc.asyncProperty(machines, machines, async (a, b) => {
        const learn = async (m: Machine): Promise<Machine> => {
          const learner = new Learner(ALPHABET, teaching(m))
          return learner.learn(async (h) => {
            const word = separates(h, m)
            if (word !== null) await learner.ask(word)
            return word
          })
        }
        const [small, big] = [await learn(a), await learn(b)]
        const extra = big.states.length - small.states.length
        if (extra < 0 || extra > 1 || separates(small, big) === null) return
        const found = [...suite(small, extra)].some((w) => outputsOf(small, w).join() !== outputsOf(big, w).join())
        expect(found).toBe(true)
      }),
      { seed: 2, numRuns: 100 },
    )
  })

  it('walk at random, the same way each time, and never on from a state that is never left', () => {
    const m: Machine = {
      alphabet: ['go', 'end'],
      states: [
        { access: [], next: { go: { output: 'on', to: 0 }, end: { output: 'off', to: 1 } } },
        { access: ['end'], next: { go: { output: 'gone', to: 1 }, end: { output: 'gone', to: 1 } } },
      ],
    }
    const [all, again] = [[...walks(m, 7, 50, 12)], [...walks(m, 7, 50, 12)]]
    expect(all).toEqual(again)
    expect(all.every((w) => !w.slice(0, -1).includes('end'))).toBe(true)
    expect(all.some((w) => w.at(-1) === 'end')).toBe(true)
  })
})
