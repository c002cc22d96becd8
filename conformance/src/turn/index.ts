/**
 * Asks TURN servers whether they accept credentials, and the messages of STUN that this takes.
 *
 * @packageDocumentation
 */
export { tryAllocation, type AllocationOutcome, type TurnTrial } from './allocation.ts'
export {
  isSignedBy,
  readStun,
  requestedUDP,
  stunAttributes,
  stunTypes,
  writeAddress,
  writeStun,
  writeUInt32,
  addressOf,
  drawTransaction,
  type LongTermKey,
  type StunAttribute,
  type StunMessage,
} from './stun-message.ts'
