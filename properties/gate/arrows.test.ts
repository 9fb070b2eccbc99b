/** Every arrow of ARCHITECTURE.md, proved by planting the import that the linter must refuse, and the one it must not. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ROOT } from '../harness/process/programs.ts'

/** File from the root, `X` where a name is to be made up → what it must not import. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'spec/X.ts': ['../src/session.ts', '../properties/harness/world/world.ts', '../fuzz/run.ts', 'node:crypto', 'crypto'],
  'spec/model/X.ts': ['../../src/session.ts', '../../properties/harness/world/world.ts', '../../fuzz/run.ts'],
  'src/X.ts': ['../spec/events.ts', '../properties/harness/world/world.ts', '../fuzz/run.ts', 'node:crypto'],
  'src/net/X.ts': [
    '../../spec/events.ts',
    '../../properties/gate/run.ts',
    '../../fuzz/run.ts',
    '@noble/hashes/sha2.js',
  ],
  'properties/harness/X.ts': [
    '../checks/check.ts',
    '../checks/prop/run.ts',
    '../strangers/judge.ts',
    '../package/vitest.ts',
  ],
  'properties/harness/parties/X.ts': ['../../tools/bench.ts', '../../../fuzz/run.ts', '../../checks/soak/soak.ts'],
  'properties/checks/X.ts': ['./prop/run.ts', '../gate/run.ts', '../package/vitest.ts', '../../fuzz/run.ts'],
  'properties/checks/prop/X.ts': [
    '../soak/soak.ts',
    '../../gate/run.ts',
    '../../tools/bench.ts',
    '../../../fuzz/run.ts',
  ],
  'properties/checks/soak/hostile/X.ts': ['../../prop/print.ts', '../../../gate/run.ts', '../../../../fuzz/run.ts'],
  'properties/strangers/X.ts': ['../checks/prop/run.ts', '../gate/run.ts', '../tools/bench.ts', '../../fuzz/run.ts'],
  'properties/gate/X.ts': ['../tools/bench.ts', '../../src/session.ts', '../../spec/model/model.ts'],
  'properties/gate/report/X.ts': ['../../../spec/invariants/index.ts', '../../../src/crypto.ts'],
  'properties/tools/X.ts': ['../gate/run.ts', '../package/vitest.ts'],
  'properties/tools/console/X.ts': ['../../gate/run.ts'],
  'properties/examples/X.ts': ['../checks/prop/run.ts', '../gate/run.ts', '../tools/bench.ts', '../../fuzz/run.ts'],
  'properties/playground/X.ts': ['../checks/check.ts', '../gate/run.ts', '../tools/bench.ts', '../strangers/judge.ts'],
  'properties/playground/app/X.tsx': ['../../checks/check.ts', '../../package/vitest.ts', '../../../fuzz/run.ts'],
  'properties/package/X.ts': ['../../fuzz/run.ts'],
  'fuzz/X.ts': ['../properties/checks/prop/run.ts', '../properties/gate/run.ts', '../properties/tools/promote.ts'],
  'fuzz/targets/X.ts': ['../../properties/checks/mutants/mutant.ts', '../../properties/strangers/judge.ts'],
}

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'spec/X.ts': ['./events.ts', './model/model.ts', '@noble/hashes/sha2.js'],
  'src/cli/X.ts': ['../session.ts', '../net/server.ts'],
  'properties/harness/parties/X.ts': [
    '../world.ts',
    '../../../spec/checker/judge.ts',
    '../../../src/index.ts',
    'node:crypto',
  ],
  'properties/checks/X.ts': ['../harness/world/world.ts', './names.ts'],
  'properties/checks/prop/X.ts': ['./print.ts', './own/x.ts', '../check.ts', '../../harness/mutants/mutant.ts'],
  'properties/checks/soak/hostile/X.ts': [
    '../wire.ts',
    '../other/x.ts',
    '../../check.ts',
    '../../../harness/world/rng.ts',
  ],
  'properties/strangers/X.ts': ['../checks/check.ts', '../harness/world/world.ts', '../../spec/dialects/file.ts'],
  'properties/gate/X.ts': [
    '../checks/prop/check.ts',
    '../../fuzz/check.ts',
    '../strangers/check.ts',
    '../harness/world/rng.ts',
  ],
  'properties/tools/X.ts': [
    '../checks/prop/check.ts',
    '../harness/world/world.ts',
    '../../src/index.ts',
    '../../spec/events.ts',
  ],
  'properties/examples/X.ts': ['../harness/parties/index.ts', '../../spec/events.ts'],
  'properties/playground/app/X.tsx': [
    '../../harness/world/play.ts',
    '../../../spec/events.ts',
    '../../../src/index.ts',
  ],
  'properties/package/X.ts': ['../gate/party-run.ts', '../checks/prop/run.ts', '../tools/decode.ts'],
  'fuzz/X.ts': [
    '../properties/harness/world/world.ts',
    '../properties/checks/check.ts',
    '../spec/events.ts',
    '../src/index.ts',
  ],
}

const linted = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
})

test('the linter refuses every import against an arrow, types included, and every cycle; and no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-arrows-'))
  const put = (file: string, text: string): string => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
    return file
  }
  let n = 0
  /** One file for each import: of a value and of a type by turns. */
  const plant = (arrows: typeof REFUSED): readonly string[] =>
    Object.entries(arrows).flatMap(([file, imports]) =>
      imports.map((from) => {
        n++
        const text = `import ${n % 2 === 0 ? 'type ' : ''}{ x } from '${from}'\nexport const y = (): typeof x => x\n`
        return put(file.replace('X', `planted-${n}-${from.replaceAll(/\W+/g, '-')}`), text)
      }),
    )
  const config = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as object
  put('biome.json', JSON.stringify({ ...config, vcs: { enabled: false } }))
  const refusedOf = (category: string): readonly string[] => {
    const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
    const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.']
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    const found = linted.parse(JSON.parse(stdout)).diagnostics.filter((d) => d.category === category)
    return [...new Set(found.map((d) => d.location.path))].sort()
  }
  try {
    plant(ALLOWED)
    const bad = plant(REFUSED)
    put('src/crypto.ts', "import { x } from '../spec/events.ts'\nexport const y = x\n")
    const ring: Readonly<Record<string, string>> = { a: 'b', b: 'c', c: 'a' }
    const cycle = Object.entries(ring).map(([name, next]) =>
      put(
        `properties/harness/${name}.ts`,
        `import type { T as N } from './${next}.ts'\nexport type T = { readonly next: N | null }\n`,
      ),
    )
    expect(refusedOf('lint/style/noRestrictedImports')).toEqual([...bad, 'src/crypto.ts'].sort())
    expect(refusedOf('lint/suspicious/noImportCycles')).toEqual(cycle)
    put('src/crypto.ts', "import { x } from 'node:crypto'\nexport const y = x\n")
    expect(refusedOf('lint/style/noRestrictedImports')).toEqual([...bad].sort())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
