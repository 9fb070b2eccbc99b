/** Labels under which implementations derive their four initial keys, as families: who has one of a family has all. */

export type Labels = readonly [string, string, string, string] // C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC

const ENDS: readonly (readonly [string, string])[] = [
  ['c2s', 's2c'],
  ['client', 'server'],
  ['client to server', 'server to client'],
  ['client2server', 'server2client'],
  ['cs', 'sc'],
  ['c', 's'],
  ['up', 'down'],
]
const USES: readonly (readonly [string, string])[] = [
  ['enc', 'mac'],
  ['enc', 'hmac'],
  ['encrypt', 'mac'],
  ['encryption', 'mac'],
  ['encryption', 'authentication'],
  ['enc', 'auth'],
  ['encrypt', 'auth'],
  ['aes', 'hmac'],
  ['aes', 'mac'],
  ['cipher', 'mac'],
  ['key', 'mac'],
  ['e', 'm'],
]
const JOINTS = ['-', '_', '', ':', ' ', '.', '/', '|']
/** A separator between key and label is as good as a part of the label; K_C2S_ENC is what a page calls the key. */
const SEPARATED = [
  ['K_', ''],
  ['k_', ''],
  ...[':', '|', '-', '_', ' ', '\0', '::'].flatMap((s) => [
    [s, ''],
    ['', s],
  ]),
]
const AROUND = ['', ' key', 'key ', ' init', 'init ']

const title = (text: string): string => text.replace(/[a-z]+/g, (w) => w[0]!.toUpperCase() + w.slice(1))
const camel = (text: string): string => title(text).replace(/^[A-Z]+/, (w) => w.toLowerCase())
/** C2S-Enc */
const mixed = (text: string): string => title(text).replace(/C2s|S2c|Cs|Sc/g, (w) => w.toUpperCase())
const CASES: readonly ((text: string) => string)[] = [(t) => t.toUpperCase(), (t) => t, title, mixed, camel]

const family = (
  [c, s]: readonly [string, string],
  [enc, mac]: readonly [string, string],
  joint: string,
  shown: (text: string) => string,
  around: string,
  useFirst: boolean,
): Labels => {
  const label = (end: string, use: string): string => {
    const core = useFirst ? `${use} ${end}` : `${end} ${use}`
    const words = around.startsWith(' ') ? core + around : around + core
    return shown(words).replaceAll(' ', joint)
  }
  return [label(c, enc), label(c, mac), label(s, enc), label(s, mac)]
}

function* made(wide: boolean): Generator<Labels> {
  yield* plain(wide)
  for (const [before, after] of SEPARATED)
    for (const joint of ['-', '_'])
      for (const shown of [...CASES.slice(0, 2), mixed]) {
        const labels = family(ENDS[0]!, USES[0]!, joint, shown, '', false)
        yield labels.map((l) => before + l + after) as unknown as Labels
      }
}

function* plain(wide: boolean): Generator<Labels> {
  for (const around of wide ? AROUND : ['', ' key'])
    for (const useFirst of [false, true])
      for (const ends of ENDS.slice(0, wide ? ENDS.length : 3))
        for (const uses of USES.slice(0, wide ? USES.length : 2))
          for (const joint of JOINTS)
            for (const shown of CASES) yield family(ends, uses, joint, shown, around, useFirst)
}

const distinct = (wide: boolean): readonly Labels[] => [
  ...new Map([...made(wide)].map((l) => [l.join('\0'), l])).values(),
]
let few: readonly Labels[] | null = null
let all: readonly Labels[] | null = null

/** Families, the likeliest first. `wide`: all of them, some thousands. */
export function* families(given: Labels | null, wide: boolean): Generator<Labels> {
  if (given !== null) yield given
  few ??= distinct(false)
  yield* few
  if (!wide) return
  all ??= distinct(true)
  yield* all
}
