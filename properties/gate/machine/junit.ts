/** JUnit XML: a suite a stage, a case a problem, and one case for a stage without any. */

import type { Problem } from '../../harness/outcome.ts'
import type { Ran } from '../runner.ts'

/** Control characters are not allowed in XML 1.0, not even escaped. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

const failed = (r: Ran, p: Problem): string => {
  const tag = p.kind === 'error' ? 'error' : 'failure'
  const more = [p.at, p.replay].filter((x) => x !== undefined).join('\n')
  return `    <testcase classname="gate.${r.name}" name="${escaped(p.text)}"><${tag} type="${p.kind}" message="${escaped(p.text)}">${escaped(more)}</${tag}></testcase>`
}

const passed = (r: Ran): string => {
  const skipped = r.status === 'not run' ? '<skipped/>' : ''
  return `    <testcase classname="gate.${r.name}" name="${escaped(r.asks)}" time="${r.seconds.toFixed(3)}">${skipped}</testcase>`
}

const suite = (r: Ran): string => {
  const errors = r.problems.filter((p) => p.kind === 'error').length
  const cases = r.problems.length === 0 ? [passed(r)] : r.problems.map((p) => failed(r, p))
  const skipped = r.status === 'not run' ? 1 : 0
  return [
    `  <testsuite name="${r.name}" tests="${cases.length}" failures="${r.problems.length - errors}" errors="${errors}" skipped="${skipped}" time="${r.seconds.toFixed(3)}">`,
    ...cases,
    '  </testsuite>',
  ].join('\n')
}

export const junit = (ran: readonly Ran[]): string =>
  ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="gate">', ...ran.map(suite), '</testsuites>', ''].join(
    '\n',
  )
