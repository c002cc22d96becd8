import { Type, type Static } from '@sinclair/typebox'
import { printableAscii } from './printable-ascii.ts'

// Patterns are for RE2, too: no backslashes, no groups that do not capture. Whether the host is one is for the client to find out.
// That it begins with no slash is told here: a URI of STUN or TURN has no "//", and browsers refuse one that has.
const hostAndPort = '[!-.0->@-~][!->@-~]{0,299}'
const stun = `stuns?:${hostAndPort}`
const turn = `turns?:${hostAndPort}([?]transport=(udp|tcp))?`

/** Pattern of the URI of a STUN or TURN server: RFC 7064, RFC 7065. */
export const iceServerURLPattern = `^(${stun}|${turn})$`

const StunURLs = Type.Array(Type.String({ description: 'A URI of STUN: RFC 7064.', pattern: `^${stun}$` }), {
  description: 'One or more URIs of STUN.',
  minItems: 1,
})

const ServerURLs = Type.Array(
  Type.String({
    description: 'A URI of STUN or TURN: RFC 7064, RFC 7065.',
    pattern: iceServerURLPattern,
  }),
  { description: 'One or more URIs of STUN and TURN.', minItems: 1 },
)

/** A server that answers everybody: STUN alone. */
export const StunServer = Type.Object(
  {
    urls: StunURLs,
    username: Type.Optional(Type.Never({ description: 'Never where no URL is of TURN.' })),
    credential: Type.Optional(Type.Never({ description: 'Never where no URL is of TURN.' })),
  },
  { title: 'StunServer', description: 'An RTCIceServer without credentials: STUN alone.' },
)
/** A value of the schema of this name. */
export type StunServer = Static<typeof StunServer>

/** A server that asks for credentials: TURN, and STUN beside it. */
export const TurnServer = Type.Object(
  {
    urls: ServerURLs,
    username: printableAscii(1, 508, 'TurnUsername', 'The user name for TURN: RFC 8489, section 14.3.'),
    credential: printableAscii(1, 1000, 'TurnCredential', 'The password for TURN.'),
  },
  { title: 'TurnServer', description: 'An RTCIceServer with credentials: TURN, and STUN beside it.' },
)
/** A value of the schema of this name. */
export type TurnServer = Static<typeof TurnServer>

/** An `RTCIceServer` whose `urls` is always a list: WebRTC 1.0, section 4.2.4. */
export const IceServer = Type.Union([StunServer, TurnServer], {
  title: 'IceServer',
  description:
    'An RTCIceServer whose urls is always a list. With a URL of TURN it has username and credential.',
})
/** A value of the schema of this name. */
export type IceServer = Static<typeof IceServer>

/** Whether a server comes with credentials. */
export function isTurnServer(server: IceServer): server is TurnServer {
  return server.credential !== undefined
}
