import { Type } from '@sinclair/typebox'
import { Agent } from '../agent.ts'
import { Capabilities } from '../capability.ts'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { printableAscii } from '../printable-ascii.ts'
import { ProtocolVersion } from '../protocol-version.ts'

/** First message of a connection. `versions` alone decides the version. */
export const hello = defineMessage('hello', {
  direction: 'client',
  summary: 'Opens the connection: what the client speaks and asks for.',
  reply: 'welcome',
  fields: {
    versions: Type.Array(ProtocolVersion, {
      description: 'Every version that the client speaks, at least one; the order says nothing.',
      minItems: 1,
    }),
    capabilities: Type.Optional(Capabilities),
    replaces: Type.Optional(
      printableAscii(
        1,
        64,
        'ReplacedSecret',
        "The secret of the sender's own earlier session, whose connection ends at once. An unknown one is ignored.",
      ),
    ),
    agent: Type.Optional(Agent),
  },
  examples: [
    { type: 'hello', versions: [1] },
    {
      type: 'hello',
      id: '1',
      versions: [1],
      capabilities: { calls: {}, 'com.example.whiteboard': { depth: 2 } },
      replaces: 's3cReT_7hXw2QpLmZ9vBt4KdYf6NgJ1a',
      agent: { name: 'example-client', version: '2.4.0' },
    },
  ],
})
/** Opens the connection: what the client speaks and asks for. @interface */
export type Hello = MessageOf<typeof hello>
