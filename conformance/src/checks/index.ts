import type { Check } from '../engine/check.ts'
import { callWithPeersChecks } from './calls/call-with-peers.ts'
import { callsChecks } from './calls/index.ts'
import { customChecks } from './custom/custom.ts'
import { customSizeChecks } from './custom/size.ts'
import { customRefusalChecks } from './custom/refusal.ts'
import { discoveryChecks } from './discovery/presence.ts'
import { drainChecks } from './drain/drain.ts'
import { iceAgainChecks } from './ice-servers/again.ts'
import { iceServersChecks } from './ice-servers/ice-servers.ts'
import { relayedCallChecks } from './ice-servers/relayed-call.ts'
import { attendanceChecks } from './rooms/attendance.ts'
import { authenticationChecks } from './authentication/authentication.ts'
import { escapedNameChecks } from './frames/escaped-name.ts'
import { endChecks } from './connection/connection-end.ts'
import { identityChecks } from './connection/connection-identity.ts'
import { timeChecks } from './connection/connection-time.ts'
import { carriedDataChecks } from './rooms/carried-data.ts'
import { heirChecks } from './rooms/heir.ts'
import { onlySentChecks } from './delivery/only-sent.ts'
import { connectionChecks } from './connection/connection.ts'
import { deliveryLoadChecks } from './delivery/delivery-load.ts'
import { deliveryChecks } from './delivery/delivery.ts'
import { enduranceChecks } from './delivery/endurance.ts'
import { endToEndChecks } from './end-to-end/index.ts'
import { errorChecks } from './outcomes/errors.ts'
import { formerMemberChecks } from './negotiation/former-member.ts'
import { frameChecks } from './frames/frames.ts'
import { grantChecks } from './authentication/grants.ts'
import { hopMemberChecks } from './frames/hop-member.ts'
import { outcomeChecks } from './outcomes/outcomes.ts'
import { limitChecks } from './limits/limits.ts'
import { refusedAuthChecks } from './authentication/refused-auth.ts'
import { relayFidelityChecks } from './negotiation/relay-fidelity.ts'
import { relayRefusalChecks } from './negotiation/relay-refusals.ts'
import { alteredReceiverChecks } from './negotiation/altered-receiver.ts'
import { relayingChecks } from './negotiation/relaying.ts'
import { resumeChecks } from './resume/index.ts'
import { replacesChecks } from './connection/replaces.ts'
import { roomChecks } from './rooms/rooms.ts'
import { ambientChecks } from './throughout.ts'
import { exactLengthChecks } from './limits/exact-length.ts'
import { writtenDataChecks } from './rooms/written-data.ts'
import { stateChecks } from './states/states.ts'
import { webSocketChecks } from './bindings/websocket.ts'
import { capabilityChecks } from './connection/capabilities.ts'
import { versionChecks } from './connection/versions.ts'

/** Every check of the kit, in the order of the specification's chapters. */
export const checks: readonly Check[] = [
  ...frameChecks,
  ...escapedNameChecks,
  ...hopMemberChecks,
  ...relayFidelityChecks,
  ...limitChecks,
  ...webSocketChecks,
  ...connectionChecks,
  ...identityChecks,
  ...timeChecks,
  ...endChecks,
  ...replacesChecks,
  ...versionChecks,
  ...capabilityChecks,
  ...outcomeChecks,
  ...errorChecks,
  ...deliveryChecks,
  ...enduranceChecks,
  ...deliveryLoadChecks,
  ...roomChecks,
  ...attendanceChecks,
  ...carriedDataChecks,
  ...heirChecks,
  ...onlySentChecks,
  ...writtenDataChecks,
  ...exactLengthChecks,
  ...relayingChecks,
  ...relayRefusalChecks,
  ...alteredReceiverChecks,
  ...formerMemberChecks,
  ...authenticationChecks,
  ...grantChecks,
  ...refusedAuthChecks,
  ...callsChecks,
  ...resumeChecks,
  ...customChecks,
  ...customSizeChecks,
  ...customRefusalChecks,
  ...drainChecks,
  ...iceServersChecks,
  ...iceAgainChecks,
  ...discoveryChecks,
  ...stateChecks,
  ...endToEndChecks,
  ...relayedCallChecks,
  ...callWithPeersChecks,
  ...ambientChecks,
]
