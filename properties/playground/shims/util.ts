/** Of node:util what the parts of the playground use. */

const isObject = (v: unknown): v is object => typeof v === 'object' && v !== null

/** For plain data, arrays and typed arrays. */
export const isDeepStrictEqual = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (!isObject(a) || !isObject(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((k) => Object.hasOwn(b, k) && isDeepStrictEqual(Reflect.get(a, k), Reflect.get(b, k)))
}

/** A page has colours of its own. */
export const styleText = (_how: string, text: string): string => text
