import type { Mutants } from '../mutant.ts'
import { connectionMutants } from './connection.ts'
import { deliveryMutants } from './delivery.ts'
import { frameMutants } from './frames.ts'
import { relayingMutants } from './relaying.ts'
import { replacesMutants } from './replaces.ts'
import { roomMutants } from './rooms.ts'
import { versionsMutants } from './versions.ts'
import { webSocketMutants } from './websocket.ts'

/** Every fault of the self-test. */
export const mutants: Mutants = [...frameMutants, ...connectionMutants, ...replacesMutants, ...versionsMutants, ...deliveryMutants, ...roomMutants, ...relayingMutants, ...webSocketMutants]
