import type { Reporter, TestModule } from 'vitest/node'

/** Closes a test run with one plain line that a machine can read: how many tests passed and failed. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1
      // A file that does not even load has no tests to count.
      if (module.children.size === 0 && !module.ok()) counts.failed += 1
    }
    console.log(
      `tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`,
    )
  }
}
