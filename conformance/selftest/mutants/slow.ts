import { hastened } from '../hastened-clock.ts'
import { altered, type Mutants } from '../mutant.ts'
import { startReferenceServer } from '../running-server.ts'

/**
 * Faults that take long to be seen: `node conformance/selftest/dist/hunt-one.js --slow`. They are not in the list of every run.
 */
export const slowMutants: Mutants = [
  altered(
    'waits two minutes for hello',
    'connection.hello-timeout',
    () => startReferenceServer({ helloTimeoutSeconds: 12 }, { clock: hastened(0.1) }),
    { slow: true },
  ),
  altered(
    'waits five seconds for hello',
    'connection.hello-wait',
    () => startReferenceServer({ helloTimeoutSeconds: 10 }, { clock: hastened(2) }),
    { slow: true },
  ),
  altered(
    'gives five seconds to authenticate',
    'auth.wait',
    () => startReferenceServer({ authTimeoutSeconds: 10, helloTimeoutSeconds: 59 }, { clock: hastened(2) }),
    { slow: true },
  ),
]
