import { roomEntryMutants } from './room-entry.ts'
import { roomExitMutants } from './room-exit.ts'
import { roomPresenceMutants } from './room-presence.ts'
import type { Mutants } from '../mutant.ts'

/** Faults of spec/rooms.md. */
export const roomMutants: Mutants = [...roomEntryMutants, ...roomPresenceMutants, ...roomExitMutants]
