/** A party with some of it replaced. A spread would not do: the parties here are of classes. */
import type { Party } from './party.ts'

/** What is not in `changes`, `party` does. A change that is undefined takes away what is optional. */
export const changed = (party: Party, changes: { readonly [K in keyof Party]?: Party[K] | undefined }): Party =>
  new Proxy(party, {
    get(target, name) {
      if (name in changes) return Reflect.get(changes, name)
      const own: unknown = Reflect.get(target, name)
      return typeof own === 'function' ? own.bind(target) : own
    },
  })
