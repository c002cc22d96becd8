import { Type } from '@sinclair/typebox'
import { Agent } from '../agent.ts'
import { AuthMethod } from '../auth-method.ts'
import { CapabilitiesInForce } from '../capability.ts'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { PeerId, SessionSecret, UserId } from '../identifier.ts'
import { Limits } from '../limit.ts'
import { ProtocolVersion } from '../protocol-version.ts'

/** Typed reply to `hello`. `session` is a secret; `peer` is not. */
export const welcome = defineMessage('welcome', {
  direction: 'server',
  summary: 'Answers hello: version, identity, capabilities in force and limits.',
  fields: {
    version: describedAs(ProtocolVersion, 'The highest version that both know: an integer of at least 1.'),
    peer: describedAs(PeerId, 'The peer id of the client on this connection.'),
    session: SessionSecret,
    capabilities: describedAs(
      CapabilitiesInForce,
      'The capabilities in force, each with its parameters; only ones that hello named.',
    ),
    limits: Limits,
    auth: Type.Array(AuthMethod, {
      description: 'Methods of authentication, one of which is needed; empty if none is.',
    }),
    user: Type.Optional(describedAs(UserId, 'The user, where the binding has authenticated it already.')),
    agent: Type.Optional(Agent),
  },
  examples: [
    {
      type: 'welcome',
      ref: '1',
      version: 1,
      peer: 'V1StGXR8_Z5jdHi6B-myT0q3',
      session: 's3cReT_7hXw2QpLmZ9vBt4KdYf6NgJ1a',
      capabilities: {},
      limits: {
        messageBytes: 65_536,
        idleSeconds: 120,
        membersPerRoom: 16,
        rate: { perSecond: 50, burst: 200 },
      },
      auth: ['token'],
      agent: { name: 'parley-server', version: '0.1.0' },
    },
  ],
})
/** Answers hello: version, identity, capabilities in force and limits. @interface */
export type Welcome = MessageOf<typeof welcome>
