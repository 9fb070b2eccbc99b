/** How often the dialects of `dialects.testkit.ts` are found: `node --import tsx properties/strangers/infer/rate.ts 30 1`. */
import { judged } from './dialects.testkit.ts'

const [many = 30, first = 1] = process.argv.slice(2).map(Number)
const counts = { right: 0, unique: 0, 'unique and wrong': 0 }
for (let seed = first; seed < first + many; seed++) {
  const began = performance.now()
  const { right, outcome, why } = judged(seed, { wild: true })
  if (right) counts.right++
  if (outcome === 'unique') counts[right ? 'unique' : 'unique and wrong']++
  const ms = Math.round(performance.now() - began)
  process.stdout.write(`seed ${seed}: ${right ? `right, ${outcome}` : `WRONG, ${outcome}: ${why}`} (${ms} ms)\n`)
}
process.stdout.write(`of ${many}: ${JSON.stringify(counts)}\n`)
