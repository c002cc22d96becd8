import type { Mutants } from '../mutant.ts'
import { bookkeepingMutants } from './bookkeeping.ts'
import { authenticationMutants } from './authentication.ts'
import { connectionMutants } from './connection.ts'
import { constraintMutants } from './constraint.ts'
import { deliveryLoadMutants } from './delivery-load.ts'
import { deliveryMutants } from './delivery.ts'
import { callMutants } from './calls.ts'
import { sessionBesideMutants } from './session-beside.ts'
import { comeAndGoneMutants } from './come-and-gone.ts'
import { atOnceMutants } from './calls-at-once.ts'
import { meanwhileCallMutants } from './calls-meanwhile.ts'
import { callOversightMutants } from './calls-oversight.ts'
import { lastingCallMutants } from './calls-lasting.ts'
import { besideMutants } from './calls-beside.ts'
import { manyCallMutants } from './calls-many.ts'
import { repeatedCallMutants } from './calls-repeated.ts'
import { talkingCallMutants } from './calls-talking.ts'
import { customMutants } from './custom.ts'
import { stateMutants } from './states.ts'
import { discoveryFindingMutants } from './discovery-finding.ts'
import { discoveryAgainMutants } from './discovery-again.ts'
import { knownDiscoveryMutants } from './discovery-known.ts'
import { lastingDiscoveryMutants } from './discovery-lasting.ts'
import { refusedDiscoveryMutants } from './discovery-refused.ts'
import { discoveryWatchingMutants } from './discovery-watching.ts'
import { drainMutants } from './drain.ts'
import { earlyMessageMutants } from './early-message.ts'
import { endToEndMutants } from './end-to-end.ts'
import { escapedNameMutants } from './escaped-name.ts'
import { errorMutants } from './errors.ts'
import { hardToPlaceMutants } from './hard-to-place.ts'
import { examinedMutants } from './examined.ts'
import { furtherCaseMutants } from './further-case.ts'
import { seenAsideMutants } from './seen-aside.ts'
import { unsaidMutants } from './unsaid.ts'
import { forgedTokenMutants } from './forged-token.ts'
import { frameMutants } from './frames.ts'
import { outcomeMutants } from './outcomes.ts'
import { relayRefusalMutants } from './relay-refusals.ts'
import { relayingMutants } from './relaying.ts'
import { replacesMutants } from './replaces.ts'
import { sessionAfterwardsMutants } from './session-afterwards.ts'
import { sessionAwayMutants } from './session-away.ts'
import { sessionComparingMutants } from './session-comparing.ts'
import { sessionInVainMutants } from './session-in-vain.ts'
import { sessionOversightMutants } from './session-oversight.ts'
import { sessionAuthenticationMutants } from './session-authentication.ts'
import { resumeRefusalMutants, sessionEndMutants } from './session-end.ts'
import { acknowledgementMutants, sessionNumberMutants } from './session-number.ts'
import { resumeMutants } from './session-resume.ts'
import { roomMutants } from './rooms.ts'
import { slipMutants } from './slips.ts'
import { timerMutants } from './timers.ts'
import { struckMutants } from './struck.ts'
import { updateOrderMutants } from './update-order.ts'
import { versionsMutants } from './versions.ts'
import { webSocketMutants } from './websocket.ts'
import { writtenDataMutants } from './written-data.ts'
import { iceServersMutants } from './ice-servers.ts'
import { sessionAsBeforeMutants } from './session-as-before.ts'
import { sessionLeftBehindMutants } from './session-left-behind.ts'
import { sessionTakenOverMutants } from './session-taken-over.ts'
import { leftBehindMutants } from './left-behind.ts'
import { limitMutants } from './limits.ts'
import { muchMutants } from './much.ts'
import { nearlyRightMutants } from './nearly-right.ts'
import { outlivesMutants } from './outlives.ts'
import { refusedAuthMutants } from './refused-auth.ts'
import { secondAuthMutants } from './second-auth.ts'
import { relayFidelityMutants } from './relay-fidelity.ts'

/** Every fault of the self-test. */
export const mutants: Mutants = [
  ...frameMutants,
  ...bookkeepingMutants,
  ...constraintMutants,
  ...refusedAuthMutants,
  ...secondAuthMutants,
  ...forgedTokenMutants,
  ...earlyMessageMutants,
  ...muchMutants,
  ...outlivesMutants,
  ...escapedNameMutants,
  ...connectionMutants,
  ...replacesMutants,
  ...updateOrderMutants,
  ...versionsMutants,
  ...callMutants,
  ...comeAndGoneMutants,
  ...sessionBesideMutants,
  ...lastingCallMutants,
  ...talkingCallMutants,
  ...besideMutants,
  ...manyCallMutants,
  ...repeatedCallMutants,
  ...atOnceMutants,
  ...callOversightMutants,
  ...meanwhileCallMutants,
  ...customMutants,
  ...sessionNumberMutants,
  ...acknowledgementMutants,
  ...resumeMutants,
  ...sessionComparingMutants,
  ...resumeRefusalMutants,
  ...sessionEndMutants,
  ...sessionAwayMutants,
  ...sessionInVainMutants,
  ...sessionAfterwardsMutants,
  ...sessionAsBeforeMutants,
  ...sessionOversightMutants,
  ...sessionAuthenticationMutants,
  ...stateMutants,
  ...discoveryFindingMutants,
  ...lastingDiscoveryMutants,
  ...refusedDiscoveryMutants,
  ...discoveryWatchingMutants,
  ...knownDiscoveryMutants,
  ...discoveryAgainMutants,
  ...drainMutants,
  ...outcomeMutants,
  ...errorMutants,
  ...authenticationMutants,
  ...deliveryMutants,
  ...deliveryLoadMutants,
  ...roomMutants,
  ...relayingMutants,
  ...relayRefusalMutants,
  ...relayFidelityMutants,
  ...limitMutants,
  ...iceServersMutants,
  ...webSocketMutants,
  ...writtenDataMutants,
  ...slipMutants,
  ...endToEndMutants,
  ...hardToPlaceMutants,
  ...struckMutants,
  ...examinedMutants,
  ...nearlyRightMutants,
  ...leftBehindMutants,
  ...sessionLeftBehindMutants,
  ...sessionTakenOverMutants,
  ...timerMutants,
  ...unsaidMutants,
  ...seenAsideMutants,
  ...furtherCaseMutants,
]
