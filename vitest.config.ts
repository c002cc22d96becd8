import { defineConfig } from 'vitest/config'
import { CountReporter } from './scripts/count-reporter.ts'

const proxyVariables = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'conformance/selftest/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // wrtc crashes in worker threads.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
