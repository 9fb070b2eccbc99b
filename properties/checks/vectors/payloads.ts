/** Plaintexts that PROTOCOL §5 does not allow, by frame. */
import { ascii, concat, EMPTY, fromHex } from '../../../spec/reference/bytes.ts'
import { CONTROL, dataBytes, responseBytes } from '../../../spec/reference/payload.ts'

type Payloads = readonly (readonly [string, Uint8Array])[]

const above = (v: number): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, v)
  view.setBigUint64(0, view.getBigUint64(0) + 1n)
  return view.getFloat64(0)
}

export const BAD_TEXTS: Payloads = [
  ['256 bytes', new Uint8Array(256).fill(0x41)],
  ['4,096 bytes', new Uint8Array(4_096).fill(0x41)],
  ['FF is nowhere in UTF-8', Uint8Array.of(0xff)],
  ['a sequence that breaks off', fromHex('41e282')],
  ['a continuation byte that continues nothing', fromHex('4180')],
  ['an overlong form of /', fromHex('c0af')],
  ['an overlong form of NUL', fromHex('e08080')],
  ['a surrogate', fromHex('eda080')],
  ['above U+10FFFF', fromHex('f4908080')],
]

export const BAD_VALUES: Payloads = [
  ['empty', EMPTY],
  ['one byte', Uint8Array.of(0)],
  ['count 0', dataBytes([])],
  ['count 0, and a value', dataBytes([1]).with(1, 0)],
  ['count 2, and one value', dataBytes([1]).with(1, 2)],
  ['count 1, and two values', dataBytes([1, 2]).with(1, 1)],
  ['count little-endian', dataBytes([1]).with(0, 1).with(1, 0)],
  ['a byte too many', concat(dataBytes([1]), CONTROL)],
  ['a byte short', dataBytes([1]).subarray(0, -1)],
  ['512 values', dataBytes(new Array<number>(512).fill(1))],
  ['NaN', dataBytes([Number.NaN])],
  ['NaN after good values', dataBytes([1, 2, Number.NaN])],
  ['infinity', dataBytes([Number.POSITIVE_INFINITY])],
  ['minus infinity', dataBytes([Number.NEGATIVE_INFINITY])],
  ['1e301', dataBytes([1e301])],
  ['the double above 1e300', dataBytes([above(1e300)])],
  ['the double below -1e300', dataBytes([above(-1e300)])],
  ['the largest double, between good values', dataBytes([0, Number.MAX_VALUE, 0])],
  ['text', ascii('10, 20')],
]

export const BAD_AGGREGATES: Payloads = [
  ['empty', EMPTY],
  ['20 bytes', responseBytes(1, 1, 1).subarray(0, -1)],
  ['22 bytes', concat(responseBytes(1, 1, 1), CONTROL)],
  ['status 1', responseBytes(1, 1, 1).with(0, 1)],
  ['status 255', responseBytes(1, 1, 1).with(0, 255)],
  ['count 0', responseBytes(0, 0, 0)],
  ['sum NaN', responseBytes(Number.NaN, 1, 1)],
  ['sum infinite', responseBytes(Number.POSITIVE_INFINITY, 1, 1)],
  ['average NaN', responseBytes(1, 1, Number.NaN)],
  ['average minus infinity', responseBytes(1, 1, Number.NEGATIVE_INFINITY)],
]

export const BAD_CONTROLS: Payloads = [
  ['empty', EMPTY],
  ['the byte 01', Uint8Array.of(1)],
  ['the byte FF', Uint8Array.of(255)],
  ['two bytes 00', new Uint8Array(2)],
  ['16 bytes 00', new Uint8Array(16)],
  ['a reason in words', ascii('bye')],
]
