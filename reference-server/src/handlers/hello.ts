import { isCapabilityName, protocolVersion, tokenMethod, welcome, type Limits } from '@parley/schemas'
import { ringFor } from '../calls/permission.ts'
import { offeredOf } from '../capability.ts'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import { appear } from '../discovery/telling.ts'
import type { Handler } from '../handler.ts'
import type { Options } from '../option.ts'
import { refOf, writeMessage } from '../reply.ts'
import type { Services } from '../services.ts'
import { agent } from '../version.ts'

/** Opens the conversation. */
export const handleHello: Handler<'hello'> = (message, client, services) => {
  // versions.highest: only one is spoken here
  if (!message.versions.includes(protocolVersion)) {
    const text = `No version in common: this server speaks ${protocolVersion}`
    client.fail('unsupported-version', text, message) // versions.none-in-common
    return
  }
  const capabilities = offeredOf(message, services)
  const inForce = new Set(Object.keys(capabilities).filter(isCapabilityName))
  // replaces.before-welcome
  return whenReady(endReplaced(message.replaces, services), () =>
    whenReady(register(client, inForce, services), () => {
      client.send(
        writeMessage(welcome.type, {
          ...refOf(message),
          version: protocolVersion,
          peer: client.peer,
          session: client.session, // connection.secret-kept: the only place where it is sent
          capabilities,
          limits: announced(services.options),
          auth: services.authenticator === undefined ? [] : [tokenMethod],
          agent,
        }),
      )
      client.beginSession() // seq.numbered: welcome comes before
      services.draining.tell(client) // drain.newcomer
      // Whoever has to authenticate rings from then on.
      if (client.authDue) return undefined
      return whenReady(ringFor(client, services), () => appear(client, services))
    }),
  )
}

function endReplaced(session: string | undefined, { directory, router }: Services): Awaitable<void> {
  if (session === undefined) return undefined
  return whenReady(directory.peerOf(session), (peer) => {
    if (peer === undefined) return undefined // replaces.unknown
    return router.end(peer, 'replaced', 'A later connection of the same owner has replaced this one') // replaces.old-ends, resume.replaces
  })
}

/** replaces.new-identity, connection.peer-id: each connection is registered as its own peer. */
function register(
  client: Client,
  inForce: Client['inForce'],
  { directory, router }: Services,
): Awaitable<void> {
  client.register(inForce)
  return whenReady(directory.connect(client.peer, client.session), () => router.attach(client))
}

function announced(options: Options): Limits {
  const { messageBytes, idleSeconds, membersPerRoom, roomsPerPeer, dataBytes, ratePerSecond, rateBurst } =
    options
  return {
    messageBytes,
    idleSeconds,
    membersPerRoom,
    roomsPerPeer,
    dataBytes,
    ...(ratePerSecond > 0 ? { rate: { perSecond: ratePerSecond, burst: rateBurst } } : {}),
  }
}
