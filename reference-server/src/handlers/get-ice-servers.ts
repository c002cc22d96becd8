import { iceServers, type GetIceServers } from '@parley/schemas'
import type { Client } from '../client.ts'
import type { Awaitable } from '../directory.ts'
import type { Handler } from '../handler.ts'
import type { IceServersOffer } from '../ice/source.ts'
import { refOf, refuse, writeMessage } from '../reply.ts'
import type { Services } from '../services.ts'

/** Part of the credentials' time after which new ones are sent: ice.overlap. */
const renewalShare = 0.75

/** Milliseconds until a source that has failed is asked again for a renewal. */
const retryMs = 5000

/** Names STUN and TURN servers, and goes on doing so. */
export const handleGetIceServers: Handler<'get-ice-servers'> = (message, client, services) =>
  ask(
    client,
    services,
    (offer) => {
      give(offer, client, services, message) // ice.reply
    },
    () => {
      const text = 'Cannot get ICE servers: there are no credentials to be had at present'
      refuse(client, message, 'ice-unavailable', text)
    },
  )

function give(offer: IceServersOffer, client: Client, services: Services, asked?: GetIceServers): void {
  const { iceServers: servers, expiresInMs } = offer
  client.send(
    writeMessage(iceServers.type, {
      ...(asked === undefined ? {} : refOf(asked)),
      iceServers: [...servers],
      ...(expiresInMs === undefined ? {} : { expiresInMs: Math.floor(expiresInMs) }),
    }),
  )
  if (expiresInMs === undefined) client.remind(undefined)
  else remind(client, services, expiresInMs * renewalShare)
}

function remind(client: Client, services: Services, ms: number): void {
  client.remind({
    at: services.clock.now() + ms,
    task: () =>
      ask(
        client,
        services,
        (offer) => {
          give(offer, client, services) // ice.renewed
        },
        () => {
          remind(client, services, retryMs)
        },
      ),
  })
}

/** Asks the source; a failure is noted for the operator before `failed` is called. */
function ask(
  client: Client,
  { iceServerSource, journal }: Services,
  found: (offer: IceServersOffer) => void,
  failed: () => void,
): Awaitable<void> {
  const unavailable = (cause: unknown) => {
    journal.broke(client.peer, cause, 'getting ICE servers failed')
    failed()
  }
  let answer: Awaitable<IceServersOffer>
  try {
    if (iceServerSource === undefined) throw new Error('There is no source of ICE servers')
    answer = iceServerSource({ peer: client.peer, user: client.user })
  } catch (cause) {
    unavailable(cause)
    return undefined
  }
  if (answer instanceof Promise) return answer.then(found, unavailable)
  found(answer)
}
