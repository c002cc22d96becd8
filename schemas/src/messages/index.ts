import type { DeliveredOf, MessageOf } from '../define-message.ts'
import { accept } from './accept.ts'
import { ack } from './ack.ts'
import { answer } from './answer.ts'
import { auth } from './auth.ts'
import { authenticated } from './authenticated.ts'
import { bye } from './bye.ts'
import { callEnded } from './call-ended.ts'
import { cancel } from './cancel.ts'
import { candidate } from './candidate.ts'
import { custom } from './custom.ts'
import { error } from './error.ts'
import { find } from './find.ts'
import { found } from './found.ts'
import { getIceServers } from './get-ice-servers.ts'
import { goaway } from './goaway.ts'
import { hangup } from './hangup.ts'
import { hello } from './hello.ts'
import { iceServers } from './ice-servers.ts'
import { invite } from './invite.ts'
import { join } from './join.ts'
import { joined } from './joined.ts'
import { leave } from './leave.ts'
import { left } from './left.ts'
import { offer } from './offer.ts'
import { ok } from './ok.ts'
import { peerJoined } from './peer-joined.ts'
import { peerLeft } from './peer-left.ts'
import { peerUpdated } from './peer-updated.ts'
import { ping } from './ping.ts'
import { pong } from './pong.ts'
import { presence } from './presence.ts'
import { reject } from './reject.ts'
import { resume } from './resume.ts'
import { resumed } from './resumed.ts'
import { ringing } from './ringing.ts'
import { unwatch } from './unwatch.ts'
import { update } from './update.ts'
import { watch } from './watch.ts'
import { welcome } from './welcome.ts'

/** Every message of the protocol, in the order of the specification. */
export const messages = [
  hello,
  welcome,
  auth,
  authenticated,
  ping,
  pong,
  ok,
  error,
  bye,
  join,
  joined,
  leave,
  left,
  update,
  peerJoined,
  peerUpdated,
  peerLeft,
  offer,
  answer,
  candidate,
  hangup,
  goaway,
  invite,
  ringing,
  accept,
  reject,
  cancel,
  callEnded,
  getIceServers,
  iceServers,
  find,
  found,
  watch,
  unwatch,
  presence,
  ack,
  resume,
  resumed,
] as const

/** Every form of a message that is published: those of {@link messages}, and the one whose type applications choose. */
export const definitions = [...messages, custom] as const

type Definition = (typeof messages)[number]
type Relayed = Extract<Definition, { readonly direction: 'relayed' }>
type Mediated = Extract<Definition, { readonly direction: 'mediated' }>
type FromClient = Extract<Definition, { readonly direction: 'client' | 'relayed' | 'mediated' }>

type ClientMessages = { [D in FromClient as D['type']]: MessageOf<D> }
type ServerMessages = {
  [D in Extract<Definition, { readonly direction: 'server' }> as D['type']]: MessageOf<D>
} & { [D in Relayed | Mediated as D['type']]: DeliveredOf<D> }

/** Type of any message. */
export type MessageType = Definition['type']

/** Type of a message that a peer addresses to another, through the server. */
export type RelayedMessageType = Relayed['type']

/** Type of a message that a client sends, relayed ones included. */
export type ClientMessageType = keyof ClientMessages

/** Type of a message that a client receives, relayed ones included. */
export type ServerMessageType = keyof ServerMessages

/** The message of a type as a client sends it. */
export type ClientMessageOf<T extends ClientMessageType> = ClientMessages[T]

/** The message of a type as a client receives it: of a relayed message the delivered form. */
export type ServerMessageOf<T extends ServerMessageType> = ServerMessages[T]

/** Any message that a client sends. */
export type ClientMessage = ClientMessages[ClientMessageType]

/** Any message that a client receives. */
export type ServerMessage = ServerMessages[ServerMessageType]

/** Any message, in any form. */
export type Message = ClientMessage | ServerMessage
