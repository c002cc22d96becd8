import type { Check } from '../engine/check.ts'
import { attendanceChecks } from './attendance.ts'
import { authenticationChecks } from './authentication.ts'
import { escapedNameChecks } from './escaped-name.ts'
import { endChecks } from './connection-end.ts'
import { identityChecks } from './connection-identity.ts'
import { timeChecks } from './connection-time.ts'
import { carriedDataChecks } from './carried-data.ts'
import { heirChecks } from './heir.ts'
import { onlySentChecks } from './only-sent.ts'
import { connectionChecks } from './connection.ts'
import { deliveryLoadChecks } from './delivery-load.ts'
import { deliveryChecks } from './delivery.ts'
import { enduranceChecks } from './endurance.ts'
import { endToEndChecks } from './end-to-end/index.ts'
import { errorChecks } from './errors.ts'
import { formerMemberChecks } from './former-member.ts'
import { frameChecks } from './frames.ts'
import { grantChecks } from './grants.ts'
import { hopMemberChecks } from './hop-member.ts'
import { outcomeChecks } from './outcomes.ts'
import { limitChecks } from './limits.ts'
import { refusedAuthChecks } from './refused-auth.ts'
import { relayFidelityChecks } from './relay-fidelity.ts'
import { relayRefusalChecks } from './relay-refusals.ts'
import { relayingChecks } from './relaying.ts'
import { replacesChecks } from './replaces.ts'
import { roomChecks } from './rooms.ts'
import { ambientChecks } from './throughout.ts'
import { exactLengthChecks } from './exact-length.ts'
import { writtenDataChecks } from './written-data.ts'
import { webSocketChecks } from './websocket.ts'
import { capabilityChecks, versionChecks } from './versions.ts'

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
  ...formerMemberChecks,
  ...authenticationChecks,
  ...grantChecks,
  ...refusedAuthChecks,
  ...endToEndChecks,
  ...ambientChecks,
]
