/** What one invariant is about, for somebody who has only its name. */
import type { Powers } from '../../../spec/language.ts'
import { labelled } from '../../harness/campaign/text.ts'
import { CHECKS, type Check } from '../../harness/judging/examine.ts'
import { CORPUS, readStored, storedNames } from '../../harness/schedules/stored.ts'
import { invocationWith } from '../../harness/terminal/invocation.ts'
import { n } from '../../harness/terminal/text.ts'

const POWERS: Readonly<Record<string, string>> = {
  N: 'the network: drops, repeats, changes, reorders and invents frames',
  I: 'insiders: clients with a key of their own that obey nothing',
  L: 'leaks: the four current keys of a session become known',
  F: 'faults: restarts and broken sockets',
}

/** Faults come with all of them, named once and last. */
const survived = (powers: Powers): string => [...new Set([...powers, 'F'])].map((p) => POWERS[p] ?? p).join('; ')

const observed = (c: Check): string =>
  c.needs.length === 0
    ? 'the bytes on the wire alone'
    : `what a party reports of ${c.needs.join(', ')}; not observable for one that cannot`

/** Schedules of the corpus that show it violated. */
const shownBy = (id: string): readonly string[] =>
  storedNames().filter((name) => {
    const stored = readStored(name, new URL(name, CORPUS))
    return stored.kind === 'ok' && stored.value.violates.includes(id)
  })

const LISTED = 3
const PROP = invocationWith('prop')

/** Lines of at most `columns`; a command is never broken. */
export const explain = (id: string, columns?: number): readonly string[] => {
  const c = CHECKS.find((x) => x.id === id)!
  const files = shownBy(id)
  const literal = c.literal === 'holds' ? ' and in literal' : ', and must be violated in literal (PROTOCOL §9)'
  const witness = `${c.witness.says}; a default run must see it ${n(c.witness.floor)} times at least`
  return [
    labelled(id, c.says, columns),
    labelled('expected', `holds in bound${literal}`, columns),
    labelled('survives', survived(c.powers), columns),
    labelled('witness', `a moment that puts it to the test: ${witness}`, columns),
    labelled('needs', observed(c), columns),
    ...files.slice(0, LISTED).map((f) => labelled('see it', `${PROP} --replay corpus/schedules/${f}`, columns)),
    ...(files.length === 0 && c.literal === 'violated'
      ? [labelled('see it', `${PROP} --only ${id} --mode literal`, columns)]
      : []),
    labelled('judge it', `${PROP} --only ${id}`, columns),
  ]
}
