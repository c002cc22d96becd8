import { Type, type Static } from '@sinclair/typebox'

/** The version of the protocol that this package describes. */
export const protocolVersion = 1

/** The WebSocket subprotocol (RFC 6455, section 1.9) of this version. */
export const subprotocol = 'parley.v1'

/** A version of the protocol: an integer of at least 1. */
export const ProtocolVersion = Type.Integer({
  title: 'ProtocolVersion',
  description: 'A version of the protocol: an integer of at least 1.',
  minimum: 1,
})
/** A value of the schema of this name. */
export type ProtocolVersion = Static<typeof ProtocolVersion>
