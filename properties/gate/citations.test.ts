/** What code and documents cite exists: documents, their paragraphs and rules, links, files and folders by path. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../harness/process/programs.ts'

const ELSEWHERE = /^(\.git|node_modules|reports|coverage|dist|corpus)$|^REPORT\.md$/
const below = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((e) => {
    const path = folder === '' ? e.name : `${folder}/${e.name}`
    if (folder === '' && ELSEWHERE.test(e.name)) return []
    return e.isDirectory() ? below(path) : [path]
  })
const FILES = [...below('').filter((f) => /\.(ts|md)$|^biome\.json$/.test(f)), 'corpus/vectors/README.md']
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const TEXTS = new Map(FILES.map((f) => [f, read(f)]))
const MARKDOWN = FILES.filter((f) => f.endsWith('.md'))

/** PROTOCOL, ADVERSARY and the like: what stands in the root or in spec/. */
const pageOf = (document: string): string | undefined => TEXTS.get(`spec/${document}.md`) ?? TEXTS.get(`${document}.md`)
/** Documents that were cited once and are no part of the repository. */
const RETIRED = /\b(VERIFICATION|DESIGN|STRANGERS)\b/g

/** Where `pattern` matches in any of the files what `fails`: file:line and what stands there. */
const faults = (
  files: Iterable<string>,
  pattern: RegExp,
  fails: (found: RegExpExecArray, file: string) => boolean,
): readonly string[] =>
  [...files].flatMap((file) =>
    [...TEXTS.get(file)!.matchAll(pattern)]
      .filter((found) => fails(found, file))
      .map((found) => `${file}:${TEXTS.get(file)!.slice(0, found.index).split('\n').length}: ${found[0]}`),
  )

/** The code of a TypeScript file cites nothing: its comments do. */
const commented = (found: RegExpExecArray, file: string): boolean => {
  if (!file.endsWith('.ts')) return true
  const line = found.input.slice(found.input.lastIndexOf('\n', found.index) + 1, found.index)
  return /^\s*(\*|\/\*\*)|\/\//.test(line)
}

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
const anchors = (page: string): readonly string[] => [...page.matchAll(/^#+ (.*)$/gm)].map(([, h]) => slug(h!))
const rules = (page: string): readonly string[] =>
  [...page.slice(page.indexOf('\n## Rules')).matchAll(/^(\d+)\. \*\*/gm)].map(([, n]) => n!)

const SELF = 'properties/gate/citations.test.ts'
const others = FILES.filter((f) => f !== SELF)

describe('a citation', () => {
  it('of a paragraph names one that its document has; without a document it is one of PROTOCOL', () => {
    const bad = faults(
      others,
      /(?:\b([A-Z]{5,}) )?§ ?(\d+)/g,
      ([, document = 'PROTOCOL', n]) => !pageOf(document)?.includes(`\n## ${n}. `),
    )
    expect(bad).toEqual([])
  })

  it('of a rule names one that its document has', () => {
    const bad = faults(
      others,
      /\b([A-Z]{5,}) rules? (\d+)/g,
      ([, document, n]) => !rules(pageOf(document!) ?? '').includes(n!),
    )
    expect(bad).toEqual([])
  })

  it('of a dialect names one that DIALECTS has a column for', () => {
    const bad = faults(others, /\bDIALECTS ([A-Z])\b/g, ([, name]) => !pageOf('DIALECTS')!.includes(`| ${name} (`))
    expect(bad).toEqual([])
  })

  it('of a document names one that is here', () => {
    expect(faults(others, RETIRED, commented)).toEqual([])
    const missing = faults(others, /(?<![\w./-])([A-Z]{5,}\.md)\b/g, ([name], file) =>
      [name!, `spec/${name}`, join(dirname(file), name!)].every((f) => !existsSync(join(ROOT, f))),
    )
    expect(missing.filter((m) => !m.includes('REPORT.md'))).toEqual([])
  })

  it('as a link leads to a file, and to a heading of it', () => {
    const bad = faults(MARKDOWN, /\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g, ([, target, anchor], file) => {
      const path = target === '' ? file : join(dirname(file), target!)
      if (!existsSync(join(ROOT, path))) return true
      return anchor !== undefined && !anchors(read(path)).includes(anchor)
    })
    expect(bad).toEqual([])
  })

  it('as a path in backticks names a file or a folder, from the root or from where it is said', () => {
    const path = /`((?:[a-z][\w.-]*\/)+(?:[\w.-]+\.(?:ts|md|json|yml|mjs|pv|pvl))?)`/g
    const bad = faults(others, path, (found, file) => {
      const cited = found[1]!
      const example = /[A-Z]{4,}|^reports\/|^coverage\/|^node_modules\//.test(cited.replace(/[A-Z]+\.md$/, ''))
      if (example || !commented(found, file)) return false
      return [cited, join(dirname(file), cited)].every((f) => !existsSync(join(ROOT, f)))
    })
    expect(bad).toEqual([])
  })
})

describe('the table of folders in README.md', () => {
  const [, table] = /\n## Where things are\n([\s\S]*?)\n## /.exec(read('README.md'))!
  const rows = [...table!.matchAll(/^\| `([^`]+)\/` \|/gm)].map(([, folder]) => folder!)
  const foldersIn = (folder: string): readonly string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter(
        (e) => e.isDirectory() && !e.name.startsWith('.') && !/^(node_modules|reports|coverage|dist)$/.test(e.name),
      )
      .map((e) => join(folder, e.name))
      .filter((f) => readdirSync(join(ROOT, f), { recursive: true }).length > 0)

  it('has every folder of the root and of properties/, and no other', () => {
    const there = [...foldersIn(''), ...foldersIn('properties')].filter((f) => f !== 'properties')
    expect(rows.filter((r) => r !== 'properties').sort()).toEqual(there.sort())
  })
})
