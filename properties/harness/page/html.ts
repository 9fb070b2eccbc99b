/**
 * The report page as one file: what it shows as JSON, script and style inline, nothing from outside. The policy lets
 * exactly this script and this style run; what is shown is data, and never markup.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeWhole } from '../process/files.ts'
import { xmlText } from '../report/xml.ts'
import { wordsOf } from '../terminal/text.ts'
import type { Page } from './parts.ts'

interface Bundle {
  readonly script: string
  readonly style: string
}

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** Whether there are views to show a page with; the package has none. */
export const hasViews = (): boolean => existsSync(join(HERE, 'view/main.tsx'))

/** The views, built in memory; null where there are none. */
export const bundle = async (): Promise<Bundle | null> => {
  if (!hasViews()) return null
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: ['view/main.tsx', 'view/page.css'],
    outdir: 'out',
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
  })
  const of = (end: string): string => outputFiles.find((f) => f.path.endsWith(end))!.text.trim()
  return { script: of('.js'), style: of('.css') }
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** JSON that ends no script element and opens no comment in one. */
const embedded = (data: unknown): string => JSON.stringify(data).replaceAll('<', '\\u003c')

/** The same page and bundle make the same bytes. */
export const pageHtml = (page: Page, { script, style }: Bundle): string => {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${xmlText(page.title)}</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript>This page is drawn by its own script; REPORT.md and report.json, beside it, say the same without.</noscript>
<script type="application/json" id="data">${embedded(page)}</script>
<script>${script}</script>
</body>
</html>
`
}

/** Where the page of a command goes that leaves its cards in `out`: one up where that is `reports/NAME`. */
export const pageFolder = (out: string, name: string): string =>
  resolve(out) === resolve('reports', name) ? 'reports' : out

/** What a page has none of that is about a stranger alone. */
export const PAGE_OF_A_STRANGER = { stages: [], problems: [], since: null, notCovered: [] } satisfies Partial<Page>

/** Leaves the page in a folder, and says in a line where, or why there is none. */
export const pageLine = async (folder: string, page: Page): Promise<string> => {
  const file = join(folder, 'index.html')
  try {
    const views = await bundle()
    if (views === null) return 'no page: its views are in the repository, not in the package'
    writeWhole(file, pageHtml(page, views))
    return `page: ${relative('.', file)}`
  } catch (e) {
    return `no page: ${relative('.', file)}: ${wordsOf(e)}`
  }
}
