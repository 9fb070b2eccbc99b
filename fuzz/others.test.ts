import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../properties/harness/process/programs.ts'
import { foundFolder, nameOf, readFolder } from './engine/store.ts'
import { dictionaryText, zipped } from './entries.ts'
import { importFrom } from './import.ts'
import { TARGET_NAMES, targetNamed } from './targets/index.ts'

const scratch = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-others-'))
const LIMIT_MS = 20_000

/** The files of a ZIP, as its central directory has them. */
const unzipped = (zip: Uint8Array): ReadonlyMap<string, Uint8Array> => {
  const b = Buffer.from(zip)
  const end = b.length - 22
  expect(b.readUInt32LE(end)).toBe(0x06054b50)
  const files = new Map<string, Uint8Array>()
  let at = b.readUInt32LE(end + 16)
  for (let i = 0; i < b.readUInt16LE(end + 10); i++) {
    const [size, length, local] = [b.readUInt32LE(at + 24), b.readUInt16LE(at + 28), b.readUInt32LE(at + 42)]
    const from = local + 30 + b.readUInt16LE(local + 26) + b.readUInt16LE(local + 28)
    files.set(b.toString('latin1', at + 46, at + 46 + length), new Uint8Array(b.subarray(from, from + size)))
    at += 46 + length
  }
  return files
}

describe('what libFuzzer reads', () => {
  it('is a dictionary with a line for each word that it takes', () => {
    const words = [Uint8Array.of(0x22, 0x5c, 0x61, 0, 0xff), new Uint8Array(0), new Uint8Array(65), Uint8Array.of(0x61)]
    expect(dictionaryText([...words, ...words])).toBe('"\\x22\\x5Ca\\x00\\xFF"\n"a"\n')
  })

  it('is a ZIP file whose central directory leads to every file', () => {
    const files = [
      { name: 'a', data: Uint8Array.of(1, 2, 3) },
      { name: 'b', data: new Uint8Array(0) },
    ]
    expect(unzipped(zipped(files))).toEqual(new Map(files.map((f) => [f.name, f.data])))
    expect(Buffer.from(zipped(files)).readUInt32LE(14)).toBe(0x55bc801d) // the CRC-32 of 1, 2, 3
  })
})

describe('.clusterfuzzlite', { timeout: 120_000 }, () => {
  /** As the base image has it: a wrapper in $OUT, and the folder of the entries copied there. */
  const COMPILE = `#!/bin/bash -eu
[ -d "$OUT/$1" ] || cp -r "$SRC/$1" "$OUT/$1"
printf '# LLVMFuzzerTestOneInput\\ncd %s/%s\\njazzer %s %s -- $@\\n' "$1" "$(dirname "$2")" "$(basename -s .js "$2")" "\${*:3}" > "$OUT/$(basename -s .js "$2")"
`
  const build = (src: string, out: string): Promise<number> =>
    new Promise((resolve) => {
      const bin = join(src, 'bin')
      mkdirSync(bin)
      symlinkSync(ROOT, join(src, 'gauntlet'))
      writeFileSync(join(bin, 'compile_javascript_fuzzer'), COMPILE)
      chmodSync(join(bin, 'compile_javascript_fuzzer'), 0o755)
      const env = { ...process.env, SRC: src, OUT: out, PATH: `${bin}:${process.env.PATH}` }
      execFile(join(ROOT, '.clusterfuzzlite/build.sh'), { env }, (e) => resolve(e === null ? 0 : Number(e.code)))
    })

  it('builds, for every target, a fuzzer that runs, its dictionary and its seed corpus', async () => {
    const [src, out] = [scratch(), scratch()]
    expect(await build(src, out)).toBe(0)
    for (const name of TARGET_NAMES) {
      expect(readFileSync(join(out, name), 'utf8')).toContain(`jazzer ${name} --sync`)
      expect(existsSync(join(out, `${name}.dict`))).toBe(true)
      const seeds = unzipped(readFileSync(join(out, `${name}_seed_corpus.zip`)))
      expect(seeds.size).toBeGreaterThanOrEqual(new Set(targetNamed(name).seeds().map(nameOf)).size)
      for (const [file, data] of seeds) expect(file).toBe(nameOf(data))
    }
    // As Jazzer.js loads it: a CommonJS module outside this repository, called with a Buffer.
    const { fuzz } = createRequire(import.meta.url)(join(out, 'entries/padding.js'))
    for (const data of targetNamed('padding').seeds()) expect(() => fuzz(Buffer.from(data))).not.toThrow()
    for (const folder of [src, out]) rmSync(folder, { recursive: true })
  })

  it('has every file that a workflow or the image names', () => {
    const docker = readFileSync(join(ROOT, '.clusterfuzzlite/Dockerfile'), 'utf8')
    expect(docker).toContain('COPY .clusterfuzzlite/build.sh $SRC/')
    const modes = ['pr', 'batch', 'cron'].flatMap((name) => [
      ...readFileSync(join(ROOT, `.github/workflows/cflite_${name}.yml`), 'utf8').matchAll(/mode: (\S+)/g),
    ])
    expect(modes.map(([, mode]) => mode)).toEqual(['code-change', 'batch', 'prune', 'coverage'])
  })
})

describe('a corpus of another engine', { timeout: 60_000 }, () => {
  it('is taken over as libFuzzer lays it out, and its crashes are executed', async () => {
    const folder = scratch()
    const corpus = join(folder, 'cifuzz-corpus-padding')
    mkdirSync(corpus)
    const inputs = [crypto.getRandomValues(new Uint8Array(24)), crypto.getRandomValues(new Uint8Array(48))]
    const crash = new Uint8Array(32).fill(17)
    for (const data of inputs) writeFileSync(join(corpus, nameOf(data)), data)
    writeFileSync(join(corpus, `crash-${nameOf(crash)}`), crash)
    writeFileSync(join(corpus, nameOf(new Uint8Array(1 << 20))), new Uint8Array(1 << 20))
    try {
      const [padding, ...others] = await importFrom(folder, LIMIT_MS)
      expect(others).toEqual([])
      expect(padding).toMatchObject({ target: 'padding', inputs: 2, tooLong: 1, failing: 0 })
      expect(padding!.crashes).toEqual([expect.stringMatching(/crash-[0-9a-f]{40}: nothing wrong here$/)])
      const found = readFolder(foundFolder('padding')).map((s) => nameOf(s.data))
      expect(found).toEqual(expect.arrayContaining(inputs.map(nameOf)))
    } finally {
      for (const data of inputs) rmSync(join(foundFolder('padding'), nameOf(data)), { force: true })
      rmSync(folder, { recursive: true })
    }
  })

  it('goes out again under the names that libFuzzer gives it', () => {
    for (const file of readdirSync(join(ROOT, 'corpus/padding'), { withFileTypes: true }))
      if (file.isFile()) expect(file.name).toMatch(/^[0-9a-f]{40}$/)
  })

  it('that is none is refused', async () => {
    await expect(importFrom(scratch(), LIMIT_MS)).rejects.toThrow(/expected a folder named after a target below/)
    await expect(importFrom('/nowhere', LIMIT_MS)).rejects.toThrow(/^--import: expected a readable folder, got ENOENT/)
  })
})
