import { Type, type Static } from '@sinclair/typebox'
import { printableAscii } from './printable-ascii.ts'

const issuedByServer =
  'Issued by the server with at least 120 random bits: 16 to 64 characters of A-Z, a-z, 0-9, "_" and "-".'

/** Names one connection to everybody else: 16 to 64 characters of `[A-Za-z0-9_-]`, not a secret. */
export const PeerId = Type.String({
  title: 'PeerId',
  description: `Names a peer. ${issuedByServer} Not a secret.`,
  pattern: '^[A-Za-z0-9_-]{16,64}$',
})
/** A value of the schema of this name. */
export type PeerId = Static<typeof PeerId>

/** Proves that a later connection has the same owner: 16 to 64 characters of `[A-Za-z0-9_-]`, never shown to others. */
export const SessionSecret = Type.String({
  title: 'SessionSecret',
  description: `The secret of a session. ${issuedByServer} Never logged and never shown to another peer.`,
  pattern: '^[A-Za-z0-9_-]{16,64}$',
})
/** A value of the schema of this name. */
export type SessionSecret = Static<typeof SessionSecret>

/** Chosen by a client to recognise the outcome of its message: 1 to 64 printable ASCII characters, echoed as it came. */
export const MessageId = printableAscii(
  1,
  64,
  'MessageId',
  'Asks for exactly one outcome, which repeats it in `ref`. Never used to find duplicates.',
)
/** A value of the schema of this name. */
export type MessageId = Static<typeof MessageId>

/** Names a room: 1 to 128 printable ASCII characters, opaque, compared exactly. */
export const RoomName = printableAscii(1, 128, 'RoomName', 'Names a room; opaque, compared exactly.')
/** A value of the schema of this name. */
export type RoomName = Static<typeof RoomName>

/** Names an authenticated user: 1 to 128 printable ASCII characters, opaque, compared exactly. */
export const UserId = printableAscii(
  1,
  128,
  'UserId',
  'Names an authenticated user; opaque, compared exactly.',
)
/** A value of the schema of this name. */
export type UserId = Static<typeof UserId>
