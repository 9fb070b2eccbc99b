/** Plaintexts of PROTOCOL §5 as hex, for forged frames; written for the adversary, so invalid values are welcome. */

const bytes = (length: number, fill: (v: DataView) => void): string => {
  const view = new DataView(new ArrayBuffer(length))
  fill(view)
  return Buffer.from(view.buffer).toString('hex')
}

/** count u16, then count f64. */
export const dataHex = (values: readonly number[]): string =>
  bytes(2 + 8 * values.length, (v) => {
    v.setUint16(0, values.length)
    for (const [i, x] of values.entries()) v.setFloat64(2 + 8 * i, x)
  })

/** status u8, sum f64, count u32, average f64. */
export const responseHex = (status: number, sum: number, count: number, average: number): string =>
  bytes(21, (v) => {
    v.setUint8(0, status)
    v.setFloat64(1, sum)
    v.setUint32(9, count)
    v.setFloat64(13, average)
  })

export const textHex = (text: string): string => Buffer.from(text, 'utf8').toString('hex')

export const CONTROL_HEX = '00'
