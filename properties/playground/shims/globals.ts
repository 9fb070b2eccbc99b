/** What stands in the place of Node's globals; esbuild puts it into every module that uses them. */
export { Buffer } from './buffer.ts'

/** A tab does not tell how much memory it takes; the bound on states is there. */
export const process = { memoryUsage: { rss: () => 0 }, env: {}, argv: [] }
