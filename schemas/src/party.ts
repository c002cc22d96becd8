import { Type, type Static } from '@sinclair/typebox'
import { describedAs } from './envelope.ts'
import { PeerId, UserId } from './identifier.ts'

/** One peer that is to ring. */
export const CalledPeer = Type.Object(
  {
    peer: describedAs(PeerId, 'The peer that is to ring, and no other of its user.'),
    user: Type.Optional(Type.Never({ description: 'Never beside peer: an invite names one or the other.' })),
  },
  { title: 'CalledPeer', description: 'One peer that is to ring.' },
)
/** A value of the schema of this name. */
export type CalledPeer = Static<typeof CalledPeer>

/** A user who is to be rung on every device. */
export const CalledUser = Type.Object(
  {
    user: describedAs(UserId, 'The user whose every endpoint is to ring.'),
    peer: Type.Optional(Type.Never({ description: 'Never beside user: an invite names one or the other.' })),
  },
  { title: 'CalledUser', description: 'A user who is to be rung on every device.' },
)
/** A value of the schema of this name. */
export type CalledUser = Static<typeof CalledUser>

/** Who is to ring: one peer, or a user on every device. */
export const Callee = Type.Union([CalledPeer, CalledUser], {
  title: 'Callee',
  description: 'Who is to ring: one peer, or a user on every device.',
})
/** A value of the schema of this name. */
export type Callee = Static<typeof Callee>

/** A party of a call, as the server names it to the other. */
export const Party = Type.Object(
  {
    peer: describedAs(PeerId, 'The peer: what is sent to it in this call goes there.'),
    user: Type.Optional(describedAs(UserId, 'As whom the peer is authenticated; absent where it is not.')),
  },
  { title: 'Party', description: 'A party of a call, as the server knows it.' },
)
/** A value of the schema of this name. */
export type Party = Static<typeof Party>
