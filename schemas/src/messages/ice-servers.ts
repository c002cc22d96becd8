import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { IceServer } from '../ice-server.ts'

/** Typed reply to `get-ice-servers`; comes unasked, too, before the credentials of the last one end. */
export const iceServers = defineMessage('ice-servers', {
  direction: 'server',
  capability: 'ice-servers',
  summary: 'Names STUN and TURN servers, with credentials for this client.',
  fields: {
    iceServers: Type.Array(IceServer, { description: 'The servers; none: there is no help to be had.' }),
    expiresInMs: Type.Optional(
      Type.Integer({
        description:
          'Time until the credentials end, in milliseconds: an integer of 1 to 9007199254740991; absent means they do not.',
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
    ),
  },
  examples: [
    { type: 'ice-servers', iceServers: [{ urls: ['stun:turn.example:3478'] }] },
    {
      type: 'ice-servers',
      ref: '3',
      iceServers: [
        { urls: ['stun:turn.example:3478'] },
        {
          urls: ['turn:turn.example:3478?transport=udp', 'turns:turn.example:5349?transport=tcp'],
          username: '1795003600:f7c0a2e49b1d',
          credential: '7BWr9FNL+Koq4PtR9UkL2R8OOXA=',
        },
      ],
      expiresInMs: 3_600_000,
    },
  ],
})
/** Names STUN and TURN servers, with credentials for this client. @interface */
export type IceServers = MessageOf<typeof iceServers>
