import { IceServer, type PeerId, type UserId } from '@parley/schemas'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Clock } from '../clock.ts'
import type { Awaitable } from '../directory.ts'
import { inTime } from '../in-time.ts'

/** Who asks for servers. */
export interface Asker {
  readonly peer: PeerId
  /** As whom the peer is authenticated; `undefined` where nobody needs to. */
  readonly user: UserId | undefined
}

/** Servers for one client. */
export interface IceServersOffer {
  readonly iceServers: readonly IceServer[]
  /** Milliseconds from now for which the credentials are good; absent means without end. */
  readonly expiresInMs?: number
}

/**
 * Where servers and credentials come from. Has to answer within 5 s.
 *
 * @throws Where there are none to be had at present: the client is told `ice-unavailable`.
 */
export type IceServerSource = (asker: Asker) => Awaitable<IceServersOffer>

const Offer = Type.Object({
  iceServers: Type.Array(IceServer),
  expiresInMs: Type.Optional(Type.Number({ minimum: 1 })),
})

/** Guards the server against an application's source: what it answers is checked before it is sent. */
export function guardedSource(source: IceServerSource, clock: Clock): IceServerSource {
  return async (asker) => {
    const offer: unknown = await inTime(source(asker), clock, 'source of ICE servers')
    if (Value.Check(Offer, offer)) return offer
    const place = Value.Errors(Offer, offer).First()?.path ?? ''
    throw new Error(`The source of ICE servers gave what is none: ${place || '/'} has the wrong shape`)
  }
}
