import { randomBytes } from 'node:crypto'

/** Source of random bytes; `node:crypto` outside tests. */
export type RandomSource = (size: number) => Buffer

/** 144 bits: 24 characters of `[A-Za-z0-9_-]` without padding. */
const idBytes = 18

/**
 * Draws a peer id or a session secret.
 *
 * @param random - A cryptographically secure source.
 */
export function drawId(random: RandomSource = randomBytes): string {
  // connection.random-ids, connection.peer-id, connection.session-secret
  return random(idBytes).toString('base64url')
}
