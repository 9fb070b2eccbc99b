/** What libFuzzer and what runs it (ClusterFuzzLite, OSS-Fuzz) read: dictionaries, and seed corpora as ZIP files. */

const MOST = 64 // bytes of a word, beyond which libFuzzer leaves it out

const quoted = (word: Uint8Array): string =>
  [...word]
    .map((b) =>
      b >= 0x20 && b < 0x7f && b !== 0x22 && b !== 0x5c
        ? String.fromCharCode(b)
        : `\\x${b.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')

/** A line for each word that libFuzzer takes, each once. */
export const dictionaryText = (words: readonly Uint8Array[]): string => {
  const taken = words.filter((w) => w.length > 0 && w.length <= MOST)
  return [...new Set(taken.map((w) => `"${quoted(w)}"\n`))].join('')
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

const crc32 = (data: Uint8Array): number => {
  let c = 0xffffffff
  for (const b of data) c = TABLE[(c ^ b) & 0xff]! ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const VERSION = 20
const DATE = 0x21 // 1980-01-01, so that the same inputs make the same bytes

const u16 = (n: number): Buffer => Buffer.from(Uint16Array.of(n).buffer) // ZIP is little-endian, as are the machines
const u32 = (n: number): Buffer => Buffer.from(Uint32Array.of(n).buffer)

/** A ZIP file of files that are stored as they are; names are of ASCII. */
export const zipped = (files: readonly { readonly name: string; readonly data: Uint8Array }[]): Uint8Array => {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const { name, data } of files) {
    const bytes = Buffer.from(name, 'latin1')
    const sizes = [u32(crc32(data)), u32(data.length), u32(data.length), u16(bytes.length), u16(0)]
    const common = [u16(VERSION), u16(0), u16(0), u16(0), u16(DATE), ...sizes]
    const local = Buffer.concat([u32(LOCAL), ...common, bytes, data])
    centrals.push(
      Buffer.concat([u32(CENTRAL), u16(VERSION), ...common, u16(0), u16(0), u16(0), u32(0), u32(at), bytes]),
    )
    locals.push(local)
    at += local.length
  }
  const central = Buffer.concat(centrals)
  const count = u16(files.length)
  const end = [u32(END), u16(0), u16(0), count, count, u32(central.length), u32(at), u16(0)]
  return new Uint8Array(Buffer.concat([...locals, central, ...end]))
}
