/** Cards as one page: cases × targets; each cell opens what was asked, seen and sent. No script, nothing from outside. */
import { xmlText } from '../../harness/xml.ts'
import type { Card } from './card.ts'
import { whyText } from './card.ts'
import { CLASSES } from './verdicts.ts'

const STYLE = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}body{max-width:72rem;margin:1.5rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #8884}
summary{cursor:pointer}pre{overflow-x:auto;font-size:.85em}code{overflow-wrap:anywhere}
.failed{color:#c02020;font-weight:600}.ok{color:#1a7f37}.inconclusive,.non-strict{color:#9a6700}.unsupported,.informational{opacity:.7}
@media (prefers-color-scheme:dark){.failed{color:#ff7b72}.ok{color:#56d364}.inconclusive,.non-strict{color:#e3b341}}`

const cell = (r: Card['rows'][number] | undefined): string => {
  if (r === undefined) return '<td>not asked</td>'
  const name = `<span class="${r.verdict}">${r.verdict}</span>${r.verdict === 'failed' ? ` ${CLASSES[r.class]}` : ''}`
  const then = r.closing === null ? '' : `<br><small>connection: ${r.closing}</small>`
  if (r.verdict === 'ok') return `<td>${name}<br>${xmlText(r.observed)}${then}</td>`
  const exchange = r.exchange.length === 0 ? '' : `<pre>${xmlText(r.exchange.join('\n'))}</pre>`
  const why = r.why.length === 0 ? '' : `<p>${whyText(r.why).map(xmlText).join('<br>')}</p>`
  const difference =
    r.difference === null
      ? ''
      : `<p>First difference from a frame that is accepted: <code>${xmlText(r.difference)}</code></p>`
  return `<td><details><summary>${name}: ${xmlText(r.observed)}${then}</summary><p>${xmlText(r.advice)}</p>${why}${difference}${exchange}<p><code>${xmlText(r.replay)}</code></p></details></td>`
}

/** `cards`: the first is the one that was just made. */
export const page = (cards: readonly Card[]): string => {
  const [first] = cards as [Card]
  const rows = first.rows.map((r) => {
    const cells = cards.map((c) => cell(c.rows.find((o) => o.id === r.id))).join('')
    return `<tr><th scope="row"><code>${xmlText(r.id)}</code><br>${xmlText(r.says)}<br><small>${r.invariant}, ${xmlText(r.clause)}</small></th>${cells}</tr>`
  })
  const heads = cards
    .map((c) => `<th scope="col">${xmlText(c.name)}<br><small>dialect ${xmlText(c.dialect)}</small></th>`)
    .join('')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Conformance: ${xmlText(first.name)}</title><style>${STYLE}</style></head>
<body><main><h1>Conformance: ${xmlText(first.name)}</h1>
<table><thead><tr><th scope="col">case</th>${heads}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></main></body></html>
`
}
