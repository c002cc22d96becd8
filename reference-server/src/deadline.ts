import type { Options } from './option.ts'

/** What the deadlines of a connection depend on; times in milliseconds since the epoch. */
export interface Timing {
  readonly phase: 'opening' | 'open' | 'ended'
  /** Begin of the connection, then of its conversation. */
  readonly since: number
  /** Whether the peer still has to authenticate. */
  readonly authDue: boolean
  /** End of the authentication; `Infinity` for none. */
  readonly expiresAt: number
  /** When the last frame was heard. */
  readonly heardAt: number
  /** When the last ping was sent. */
  readonly pingedAt: number
}

/** What is due on a connection. */
export type Due = 'ping' | 'hello-timeout' | 'auth-timeout' | 'token-expired' | 'idle-timeout' | undefined

/**
 * Says what is due.
 *
 * @param now - Milliseconds since the epoch.
 */
export function dueAt(now: number, timing: Timing, options: Options): Due {
  const { phase, since, authDue, expiresAt, heardAt, pingedAt } = timing
  if (phase === 'ended') return undefined
  // connection.hello-wait, connection.hello-timeout
  if (phase === 'opening' && now - since >= options.helloTimeoutSeconds * 1000) return 'hello-timeout'
  if (phase === 'opening') return undefined
  // auth.wait, auth.timeout
  if (authDue && now - since >= options.authTimeoutSeconds * 1000) return 'auth-timeout'
  if (now >= expiresAt) return 'token-expired' // auth.expiry
  // connection.idle-minimum, connection.idle-timeout
  if (now - heardAt >= options.idleSeconds * 1000) return 'idle-timeout'
  const quiet = now - Math.max(heardAt, pingedAt)
  return options.pingSeconds > 0 && quiet >= options.pingSeconds * 1000 ? 'ping' : undefined
}

/** What the client is told, for people. */
export const deadlineTexts = {
  'hello-timeout': 'No hello has come in time',
  'auth-timeout': 'No authentication has come in time',
  'token-expired': 'The authentication has ended',
  'idle-timeout': 'Nothing was heard for too long',
} as const
