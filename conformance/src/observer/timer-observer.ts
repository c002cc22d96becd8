import type { Wire } from '../endpoint/wire.ts'
import type { ServerRequirementId } from '../generated/requirement.ts'
import type { Report, Watch } from './violation.ts'

/**
 * Milliseconds after which a time-out that was not called off has fired: none for `hello` may be longer ([connection.hello-timeout]), and
 * none for `auth` is known to be.
 */
export const longestTimeoutMs = 60_000

/** What two clocks may differ by over the life of a token, in milliseconds. */
export const slackMs = 50

/** Watches one connection for a time-out of what has long been done, and for an authentication that ends before its time. */
export interface TimerObserver {
  /** A frame of the kit. */
  sent(type: string, message: Wire): void
  /** A frame of the server. */
  received(type: string, message: Wire): void
  /**
   * The server has ended the connection, or says that it does.
   *
   * @param code - The error code, or the one that the close code stands for.
   * @param how - What came, in words.
   */
  fired(code: string, how: string): void
}

/**
 * Makes the observer of one connection; its time begins now.
 *
 * @param report - Called for each violation.
 */
export function createTimerObserver(watch: Watch, report: Report): TimerObserver {
  const openedAt = performance.now()
  /** Since when the server has had what it may wait for, by the requirement that says so. */
  const since = new Map<ServerRequirementId, number>()
  /** When each `auth` was sent that has not succeeded yet, with its `id`. */
  let asked: readonly { readonly id: unknown; readonly at: number }[] = []
  /** What the last `authenticated` has announced, and a moment before it was sent. */
  let holds: { readonly from: number; readonly ms: number } | undefined
  const done = (requirement: ServerRequirementId, from: number) => {
    if (!since.has(requirement)) since.set(requirement, from)
  }
  return {
    sent: (type, message) => {
      if (type === 'auth') asked = [...asked, { id: message['id'], at: performance.now() }]
    },
    received: (type, message) => {
      const now = performance.now()
      for (const [requirement, from] of since) if (now - from > longestTimeoutMs) watch.look(requirement)
      if (type === 'welcome') done('connection.hello-wait', openedAt)
      const { auth } = message
      if (type === 'welcome' && ('user' in message || (Array.isArray(auth) && auth.length === 0)))
        done('auth.wait', now)
      if (holds) watch.look('auth.expiry')
      if (type === 'error') asked = asked.filter(({ id }) => id === undefined || id !== message['ref'])
      if (type !== 'authenticated') return
      done('auth.wait', now)
      const { ref, expiresInMs } = message
      const answered = asked.find(({ id }) => id === ref) ?? asked[0]
      asked = asked.filter((each) => each !== answered)
      holds = {
        // The server counts from when it sends this, which is later.
        from: answered?.at ?? openedAt,
        ms: typeof expiresInMs === 'number' ? expiresInMs : Infinity,
      }
    },
    fired: (code, how) => {
      const age = holds ? performance.now() - holds.from : Infinity
      if (code === 'token-expired' && holds && age < holds.ms - slackMs)
        report(
          'auth.expiry',
          Number.isFinite(holds.ms)
            ? `no token-expired before the ${String(holds.ms)} ms have passed that the last authenticated gave in expiresInMs`
            : 'no token-expired where the last authenticated had no expiresInMs',
          `the connection ended ${String(Math.round(age))} ms after that auth was sent with ${how}`,
        )
      if (code === 'hello-timeout' && since.has('connection.hello-wait'))
        report(
          'connection.hello-wait',
          'no hello-timeout once hello has been answered with welcome',
          `the connection of a client that had been welcomed ended with ${how}`,
        )
      if (code === 'auth-timeout' && since.has('auth.wait'))
        report(
          'auth.wait',
          'no auth-timeout for a client that has authenticated, or need not',
          `the connection of such a client ended with ${how}`,
        )
    },
  }
}
