/** Bytes as text, one character a byte: what maps and sets of byte strings are keyed by. */

// A copy into memory that is there already is cheaper than a Buffer over the memory of a small array.
const scratch = Buffer.alloc(8_192)

export const textOf = (bytes: Uint8Array): string => {
  if (bytes.length > scratch.length) return Buffer.from(bytes).toString('latin1')
  scratch.set(bytes)
  return scratch.toString('latin1', 0, bytes.length)
}

/** The bytes that a text of `textOf` stands for. */
export const bytesOf = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
