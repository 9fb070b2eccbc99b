/** What broke and should hold, for a report: drawn as a ladder, with the line that replays it. */
import { shortText } from '../explain/text.ts'
import { cell, details, fence } from '../report/markdown.ts'
import type { Section } from '../report/outcome.ts'
import { cut, plural, printable } from '../terminal/text.ts'
import type { Campaign } from './figures.ts'

const COLUMNS = 160 // of a drawing

const broken = (c: Campaign['counterexamples'][number]): string => {
  const also = c.also.map((a) => `; <b>${a.invariant}</b>: ${cell(printable(a.why))}`).join('')
  const size = plural(c.schedule.actions.length, 'action')
  const head = `<b>${c.invariant}</b> in ${c.mode}, ${size}: ${cell(printable(c.why))}${also}`
  const drawn = fence('text', c.ladder.map((line) => cut(printable(line), COLUMNS)).join('\n'))
  const why = c.explanation === null ? '' : `\n\n${cell(printable(shortText(c.explanation)))}`
  return details(head, `${drawn}${why}\n\n${fence('sh', printable(c.replay))}`).replace('<details>', '<details open>')
}

/** `where`: among which schedules. None where nothing broke. */
export const brokenSections = (f: Campaign, where: string): readonly Section[] => {
  const red = f.counterexamples.filter((c) => !c.expected)
  if (red.length === 0) return []
  const intro = `Each is minimal, and shows all that one cause seems to break. Clients c0, c1 are on the left, connections s0, s1 on the right, the adversary between them.`
  return [{ title: `What broke ${where}`, body: [intro, ...red.map(broken)].join('\n\n') }]
}
