import type { Check } from '../../engine/check.ts'
import { emptiedRoomChecks } from './emptied.ts'
import { equalDataChecks } from './equal-data.ts'
import { refusedUpdateChecks } from './refused-update.ts'
import { roomChurnChecks } from './room-churn.ts'
import { roomJoiningChecks } from './room-joining.ts'
import { roomLeavingChecks } from './room-leaving.ts'
import { roomNameChecks } from './room-name.ts'
import { roomPlaceChecks } from './room-places.ts'
import { roomPresenceChecks } from './room-presence.ts'
import { updateOrderChecks } from './update-order.ts'

/** Checks of spec/rooms.md. */
export const roomChecks: readonly Check[] = [
  ...roomNameChecks,
  ...roomJoiningChecks,
  ...roomPlaceChecks,
  ...roomPresenceChecks,
  ...equalDataChecks,
  ...updateOrderChecks,
  ...refusedUpdateChecks,
  ...emptiedRoomChecks,
  ...roomLeavingChecks,
  ...roomChurnChecks,
]
