import { altered, type Mutants } from '../mutant.ts'
import { startReferenceServer } from '../running-server.ts'

/**
 * Faults that take a minute or more to be seen: `node conformance/selftest/dist/hunt-one.js --slow PART`. They are not in the list of
 * every run.
 */
export const slowMutants: Mutants = [
  altered(
    'waits forever for hello',
    'connection.hello-timeout',
    () => startReferenceServer({ helloTimeoutSeconds: 3600 }),
    { slow: true },
  ),
  altered(
    'waits five seconds for hello',
    'connection.hello-wait',
    () => startReferenceServer({ helloTimeoutSeconds: 5 }),
    { slow: true },
  ),
]
