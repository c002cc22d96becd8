import { expect, test } from 'vitest'
import { heldUpMs } from './holdup.ts'

test('heldUpMs() grows by the time for which the process could not run', () => {
  const before = heldUpMs()
  const until = performance.now() + 400
  while (performance.now() < until);
  const during = heldUpMs() - before
  expect(during).toBeGreaterThan(300)
  expect(heldUpMs() - before - during).toBeLessThan(during)
})
