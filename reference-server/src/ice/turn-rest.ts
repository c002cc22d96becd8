import { createHmac } from 'node:crypto'
import type { IceServer } from '@parley/schemas'
import type { Clock } from '../clock.ts'
import type { Asker, IceServerSource } from './source.ts'

/** How credentials are made. */
export interface TurnRest {
  readonly urls: readonly string[]
  /** The secret that this server and the TURN server share: coturn's `static-auth-secret`. */
  readonly secret: Uint8Array
  /** How long credentials are good, in seconds. */
  readonly seconds: number
}

/** Characters of the name in a username: 96 bits. */
const nameLength = 16

/**
 * A source that makes credentials without asking anybody: the TURN REST API (draft-uberti-behave-turn-rest-00).
 *
 * The username goes over the network in clear, so it holds a digest in place of the user: ice.own, ice.no-secret.
 */
export function turnRestSource({ urls, secret, seconds }: TurnRest, clock: Clock): IceServerSource {
  return (asker) => {
    // The TURN server counts in whole seconds: rounded up, no credential ends before expiresInMs have passed (ice.accepted).
    const expiry = Math.ceil(clock.now() / 1000) + seconds
    const username = `${expiry}:${nameOf(asker, secret)}`
    const credential = createHmac('sha1', secret).update(username).digest('base64')
    const server: IceServer = { urls: [...urls], username, credential }
    return { iceServers: [server], expiresInMs: seconds * 1000 }
  }
}

function nameOf({ user, peer }: Asker, secret: Uint8Array): string {
  const name = user === undefined ? `peer:${peer}` : `user:${user}`
  return createHmac('sha256', secret).update(name).digest('base64url').slice(0, nameLength)
}
