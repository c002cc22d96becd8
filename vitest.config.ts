import { defineConfig } from 'vitest/config'
import { CountReporter } from './scripts/count-reporter.ts'

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'conformance/selftest/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // wrtc crashes in worker threads.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['dot', new CountReporter()],
  },
})
