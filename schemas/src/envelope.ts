import { Type, type TProperties, type TSchema } from '@sinclair/typebox'
import { MessageId, PeerId, RoomName } from './identifier.ts'

/** The same field with the description of one use of it. */
export function describedAs<T extends TSchema>(field: T, description: string): T {
  return { ...field, description }
}

function forbidden(description: string) {
  return Type.Optional(Type.Never({ description }))
}

const hop = {
  seq: forbidden('Never present: numbering of one hop, only where the capability resume is in force.'),
  ack: forbidden('Never present: acknowledgement of one hop, only where the capability resume is in force.'),
} satisfies TProperties

const id = Type.Optional(MessageId)
const to = describedAs(PeerId, 'The receiver: another member of the room, by the peer id the server issued.')
const room = describedAs(RoomName, 'The room in which the message is sent; both peers are members.')

/** Envelope of what a client sends to the server: before the fields of the message, and what must be absent. */
export const clientEnvelope = {
  allowed: { id },
  forbidden: {
    from: forbidden('Never sent by a client: the server sets it.'),
    ref: forbidden('Never sent by a client: only outcomes carry it.'),
    ...hop,
  },
} as const

/** Envelope of what a server says itself. */
export const serverEnvelope = {
  allowed: {
    ref: Type.Optional(
      describedAs(MessageId, 'The id of the message that this is the outcome of, as it came.'),
    ),
  },
  forbidden: {
    id: forbidden('Never sent by a server: nobody owes it an outcome.'),
    from: forbidden('Never present: the server speaks for itself, for no peer.'),
    ...hop,
  },
} as const

/** Envelope of a relayed message as its sender puts it on the wire. */
export const sentEnvelope = {
  allowed: { id, to, room },
  forbidden: clientEnvelope.forbidden,
} as const

/** Envelope of a relayed message as its receiver reads it. */
export const deliveredEnvelope = {
  allowed: {
    id: Type.Optional(
      describedAs(MessageId, 'The id that the sender gave; it says nothing to the receiver.'),
    ),
    to: describedAs(PeerId, 'The receiver itself, as the sender wrote it.'),
    from: describedAs(PeerId, 'The sender, set by the server.'),
    room,
  },
  forbidden: {
    ref: forbidden('Never present: a relayed message is never an outcome.'),
    ...hop,
  },
} as const
