/** The Python that corpus/vectors/README.md shows, on every published file: a third opinion that shares no line with us. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { needs } from '../../harness/process/needs.ts'
import { FOLDER, vectorNames } from './play.ts'

it(
  'the Python of the page agrees with every published conversation',
  needs('python3', () => {
    const [, program] = /```python\n([\s\S]*?)```/.exec(readFileSync(new URL('README.md', FOLDER), 'utf8'))!
    const files = vectorNames()
    expect(files.length).toBeGreaterThan(10)
    const out = execFileSync('python3', ['-c', program!, ...files], { cwd: FOLDER, encoding: 'utf8' })
    expect(out.trim().split('\n')).toEqual(files.map((f) => `${f} ok`))
  }),
)
