import { numberOf, toolOptions } from '../tool-options.ts'
import { runCuts } from './cut-run.ts'

/**
 * Cuts the connections of two members again and again, and holds every message against a model. Ends with 1 where one was lost, doubled or
 * moved, with 2 for an option that it cannot use.
 */
const { values } = toolOptions('npm run cuts -- [--cuts 1000] [--seed 1]', {
  options: { cuts: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
})
const wanted = numberOf('cuts', values.cuts, 1)
const seed = numberOf('seed', values.seed, 1)
const began = performance.now()
const { cuts, resumes, messages, faults } = await runCuts(wanted, seed)
const seconds = ((performance.now() - began) / 1000).toFixed(1)
console.log(
  `${String(cuts)} cuts, ${String(resumes)} resumes, ${String(messages)} messages in ${seconds} s, seed ${values.seed}`,
)
for (const fault of faults) console.log(`  ${fault}`)
process.exit(faults.length > 0 ? 1 : 0)
