import { check, type Check } from '../engine/check.ts'
import type { CheckContext } from '../engine/context.ts'
import { CheckFailure } from '../engine/failure.ts'
import type { ServerRequirementId } from '../generated/requirement.ts'

/**
 * Requirements that are watched in every frame of the run, whatever a check is about, and the fewest frames that have to have been
 * looked at for a judgement.
 */
const watched: readonly ServerRequirementId[] = [
  'frames.object',
  'frames.shape',
  'capabilities.core-only',
  'capabilities.only-named',
  'connection.peer-id',
  'connection.session-secret',
  'connection.secret-kept',
  'auth.not-echoed',
  'outcomes.exactly-one',
  'outcomes.no-ref',
  'errors.fatal-flag',
  'errors.fatal-ends',
  'errors.context-equal',
  'relay.from',
  'delivery.order',
  'delivery.once',
  'delivery.no-gap',
  'delivery.addressee',
  'delivery.rate-single',
  'rooms.joined',
  'rooms.members',
  'rooms.not-self',
  'rooms.user',
  'rooms.total-order',
  'rooms.joined-first',
  'rooms.known-first',
  'rooms.left-last',
  'rooms.after-left',
  'rooms.outsiders',
  'rooms.rejoin',
  'rooms.left-once',
  'rooms.revision',
  'websocket.text',
]

/** A server that has died, or answers nobody any more, leaves all others without a verdict: this is the one red line that says so. */
async function outlivesTheRun(t: CheckContext): Promise<void> {
  const downfall = await t.downfall()
  if (!downfall) return
  const { words, evidence, transcript, frame } = downfall
  t.evidence.push(...evidence)
  t.transcript.push(...transcript)
  const failure = new CheckFailure('a server that goes on, whatever the clients of this run have sent', words)
  throw frame === undefined ? failure : failure.shownBy(frame)
}

/** One check for each watched requirement, judged when all others are through. */
export const ambientChecks: readonly Check[] = [
  ...watched.map((requirement) =>
    check(
      requirement,
      'watched in every frame of the run',
      (t) => {
        t.judgeWatched(requirement)
        return Promise.resolve()
      },
      { name: 'throughout', last: true },
    ),
  ),
  check('frames.others-unharmed', 'the server is still there when the run is over', outlivesTheRun, {
    name: 'outlives',
    last: true,
  }),
]
