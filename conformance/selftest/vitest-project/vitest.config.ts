import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Both are far below what a run takes: the adapter's own deadline has to be the one that counts.
  test: { include: ['server.suite.ts'], testTimeout: 200, hookTimeout: 200 },
})
