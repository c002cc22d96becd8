import { fuzzReport, runFuzz } from '@parley/conformance'
import { numberOf, toolOptions } from '../tool-options.ts'
import { serveMeasured } from './measured-server.ts'

/*
 * The fuzzer against a server of ours in a process of its own, whose heap is looked at after every episode. Ends with 1 where something was
 * found, with 2 for an option that it cannot use.
 */
const usage =
  'npm run fuzz -- [--frames N] [--seed TEXT] [--clients N] [--episode N] [--server reference|minimal|NAME OF A MUTANT]'
const { values } = toolOptions(usage, {
  options: {
    frames: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    clients: { type: 'string', default: '6' },
    episode: { type: 'string' },
    server: { type: 'string', default: 'reference' },
  },
})
const frames = numberOf('frames', values.frames, 1)
const clients = numberOf('clients', values.clients, 1)
const episode = values.episode === undefined ? undefined : numberOf('episode', values.episode, 0)
const interrupt = new AbortController()
process.once('SIGINT', () => {
  interrupt.abort()
})
await using server = await serveMeasured(values.server)
let shownAt = performance.now()
const result = await runFuzz({
  url: server.url,
  tokens: server.tokens,
  frames,
  clients,
  seed: values.seed,
  episode,
  signal: interrupt.signal,
  memory: server.memory,
  onEpisode: ({ frames, episodes, findings }) => {
    if (performance.now() - shownAt < 10_000) return
    shownAt = performance.now()
    console.log(`${String(frames)} frames, ${String(episodes)} episodes, ${String(findings)} found`)
  },
})
console.log(fuzzReport(result))
process.exitCode = result.verdict === 'clean' ? 0 : 1
