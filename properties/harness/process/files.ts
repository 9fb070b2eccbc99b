/** Files as the harness reads and writes them. */
import { closeSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Under a hidden name first: whoever looks sees the file before or after, never a part. Folders are made. */
export const writeWhole = (file: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(file), { recursive: true })
  const part = join(dirname(file), `.${basename(file)}.${process.pid}`)
  try {
    writeFileSync(part, content)
    renameSync(part, file)
  } catch (e) {
    rmSync(part, { force: true })
    throw e
  }
}

export const MOST_BYTES = 32 * 2 ** 20

/** A file. Throws where it cannot be read, or does not end within `most` bytes (as a device does not). */
export const readBytes = (file: string | URL, most = MOST_BYTES): Buffer => {
  const fd = openSync(file, 'r')
  try {
    const pieces: Buffer[] = []
    for (let bytes = 0; ; ) {
      const piece = Buffer.allocUnsafe(1 << 20)
      const n = readSync(fd, piece)
      if (n === 0) return Buffer.concat(pieces)
      pieces.push(piece.subarray(0, n))
      bytes += n
      if (bytes > most) throw new Error(`more than ${most >> 20} MiB`)
    }
  } finally {
    closeSync(fd)
  }
}

/** The text of a file. Throws where it cannot be read, or does not end within 32 MiB. */
export const readText = (file: string | URL): string => readBytes(file).toString('utf8')
