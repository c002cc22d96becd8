import { check, type Check } from '../engine/check.ts'
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

/** One check for each watched requirement, judged when all others are through. */
export const ambientChecks: readonly Check[] = watched.map((requirement) =>
  check(
    requirement,
    'held in every frame of the run',
    (t) => {
      t.judgeWatched(requirement)
      return Promise.resolve()
    },
    { name: 'throughout', last: true },
  ),
)
