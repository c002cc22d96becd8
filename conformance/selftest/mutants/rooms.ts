import type { Mutants } from '../mutant.ts'
import { equalDataMutants } from './equal-data.ts'
import { roomEntryMutants } from './room-entry.ts'
import { roomExitMutants } from './room-exit.ts'
import { roomNameMutants } from './room-name.ts'
import { roomPlaceMutants } from './room-places.ts'
import { roomPresenceMutants } from './room-presence.ts'
import { roomRejoinMutants } from './room-rejoin.ts'

/** Faults of spec/rooms.md. */
export const roomMutants: Mutants = [
  ...roomNameMutants,
  ...roomEntryMutants,
  ...roomRejoinMutants,
  ...roomPlaceMutants,
  ...roomPresenceMutants,
  ...equalDataMutants,
  ...roomExitMutants,
]
