import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { forget, keyOf, recall, remember } from './record.ts'

let root = ''
const write = (file: string, text: string): void => writeFileSync(join(root, file), text)
const record = () => ({ key: keyOf(root) ?? '', skipped: [] })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'record-'))
  mkdirSync(join(root, 'reports'))
  mkdirSync(join(root, 'node_modules'))
  execFileSync('git', ['init', '-q'], { cwd: root })
  write('.gitignore', 'reports/\nnode_modules/\n')
  write('a.ts', 'one')
})
afterEach(() => rmSync(root, { recursive: true }))

const reports = (): string => join(root, 'reports')

it('a complete run is taken over as long as nothing changed', () => {
  remember(reports(), record())
  expect(recall(reports(), root)).toEqual(record())
  write('reports/other', 'ignored')
  expect(recall(reports(), root)).not.toBeNull()
})

it.each([
  ['a changed file', () => write('a.ts', 'two')],
  ['a new file', () => write('b.ts', '')],
  ['a file that is gone', () => rmSync(join(root, 'a.ts'))],
  ['a file of another name', () => renameSync(join(root, 'a.ts'), join(root, 'b.ts'))],
  ['other packages', () => write('node_modules/.package-lock.json', '{}')],
  ['a run that began since', () => forget(reports())],
  ['a record that is cut off', () => write('reports/tests-run.json', '{"key":"')],
])('%s ends that', (_, change) => {
  remember(reports(), record())
  change()
  expect(recall(reports(), root)).toBeNull()
})

it('without git there is no key', () => {
  rmSync(join(root, '.git'), { recursive: true })
  expect(keyOf(root)).toBeNull()
})
