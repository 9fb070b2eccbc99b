/** The `fuzz` command. */
import { basename, dirname, resolve } from 'node:path'
import { command, main, type Screen } from '../properties/harness/terminal/command.ts'
import { UsageError } from '../properties/harness/terminal/options.ts'
import { displayOf } from './display.ts'
import { campaign, foldersOf, type Result } from './engine/campaign.ts'
import { describe, noteBeside } from './engine/finding.ts'
import { loadGuided, regress } from './engine/judge.ts'
import { smallest } from './engine/minimise.ts'
import {
  corpusFolder,
  foundFolder,
  nameOf,
  readFolder,
  readInput,
  removeFile,
  saveInput,
  writeWhole,
} from './engine/store.ts'
import { probe } from './engine/supervisor.ts'
import { importFrom } from './import.ts'
import { FUZZ_USAGE, type Options, optionsOf } from './options.ts'
import { TARGET_NAMES, targetNamed } from './targets/index.ts'

const search = async (options: Options, screen: Screen): Promise<number> => {
  const interrupt = new AbortController()
  process.on('SIGINT', () => interrupt.abort())
  const display = displayOf(options, screen)
  const results: Result[] = []
  if (options.targets.length === 0) screen.say('no target is in this share')
  for (const target of options.targets) {
    if (interrupt.signal.aborted) break
    const folders = foldersOf(target, options.budget)
    writeWhole(folders.found, '.writable', '') // better now than after the first discovery
    display.begin()
    const result = await campaign(target, options, folders, display, interrupt.signal)
    display.end(result)
    results.push(result)
  }
  display.close(interrupt.signal.aborted)
  if (results.some((r) => r.troubles.length > 0)) return 2
  return results.some((r) => r.findings.length > 0) ? 1 : 0
}

const regressAll = async ({ targets, json }: Options, { say }: Screen): Promise<number> => {
  let failed = 0
  for (const name of targets) {
    const result = await regress(targetNamed(name))
    failed += result.failures.length
    if (json) say(JSON.stringify({ event: 'regression', ...result }))
    else say([`${name}: ${result.inputs} inputs, ${result.failures.length} fail`, ...result.failures].join('\n  '))
  }
  return failed > 0 ? 1 : 0
}

const minimizeAll = async ({ targets, json }: Options, { say }: Screen): Promise<number> => {
  for (const name of targets) {
    const target = targetNamed(name)
    const committed = readFolder(corpusFolder(name))
    const all = [...committed, ...readFolder(foundFolder(name))].map((s) => s.data)
    const { inputs, features } = smallest(target, await loadGuided(target), [...target.seeds(), ...all])
    // First what is new, then away with the rest: interrupted, there is too much rather than too little.
    for (const data of inputs) saveInput(corpusFolder(name), data)
    const kept = new Set(inputs.map(nameOf))
    for (const { path } of committed) if (!kept.has(basename(path))) removeFile(path)
    const bytes = inputs.reduce((sum, data) => sum + data.length, 0)
    const result = { target: name, before: all.length, inputs: inputs.length, bytes, features }
    if (json) say(JSON.stringify({ event: 'minimized', ...result }))
    else say(`${name}: ${all.length} inputs became ${inputs.length} of ${bytes} bytes together, ${features} features`)
  }
  return 0
}

const importAll = async (folder: string, { limitMs, json }: Options, { say }: Screen): Promise<number> => {
  const all = await importFrom(resolve(folder), limitMs)
  for (const i of all)
    if (json) say(JSON.stringify({ event: 'imported', ...i }))
    else say([`${i.target}: ${i.inputs} inputs taken over, ${i.tooLong} too long`, ...i.crashes].join('\n  '))
  return all.some((i) => i.failing > 0) ? 1 : 0
}

/** The note beside it says, or the folder it lies in, or the option. */
const targetOf = (path: string, options: Options): string | null => {
  const noted = noteBeside(path)?.target
  const folders = [basename(dirname(path)), basename(dirname(dirname(path)))]
  const named = options.targets.length === 1 ? options.targets[0] : undefined
  return named ?? [noted, ...folders].find((name) => name !== undefined && TARGET_NAMES.includes(name)) ?? null
}

const replay = async (file: string, options: Options, { say, paint }: Screen): Promise<number> => {
  const path = resolve(file)
  const data = readInput(path)
  const name = targetOf(path, options)
  if (name === null) throw new UsageError(`${file}: expected --target with an input outside corpus/, got none`)
  const { fault, detail } = await probe(name, data, options.limitMs)
  const lines = targetNamed(name).render(data)
  if (options.json) say(JSON.stringify({ event: 'replay', target: name, fault, detail, shows: lines }))
  else {
    say([`${name}, input of ${data.length} bytes:`, ...lines].join('\n  '))
    say(fault === null ? paint('nothing wrong', 'green') : `${paint(describe(fault), 'red')}\n  ${detail}`)
    for (const frame of fault?.frames ?? []) say(`  at ${frame}`)
  }
  return fault === null ? 0 : 1
}

await main(
  command({
    ...FUZZ_USAGE,
    run(given, screen) {
      const options = optionsOf(given)
      if (typeof options.do === 'object')
        return 'import' in options.do
          ? importAll(options.do.import, options, screen)
          : replay(options.do.replay, options, screen)
      switch (options.do) {
        case 'search':
          return search(options, screen)
        case 'minimize':
          return minimizeAll(options, screen)
        case 'regress':
          return regressAll(options, screen)
      }
    },
  }),
)
