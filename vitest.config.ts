import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { CountReporter } from './scripts/count-reporter.ts'
import { LongFirst } from './scripts/long-first.ts'

const proxyVariables = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'conformance/selftest/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // wrtc crashes in worker threads.
    pool: 'forks',
    // Also on two processors there are three: most tests wait more than they work.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongFirst },
    // Nothing is said of time by these: a machine that is busy is slow, and only what hangs is wrong.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What the machine says about proxies is not for servers on the loopback; getting an empty value is as having none.
    env: Object.fromEntries(
      proxyVariables.flatMap((name) => [
        [name, ''],
        [name.toUpperCase(), ''],
      ]),
    ),
    reporters: ['dot', new CountReporter()],
  },
})
