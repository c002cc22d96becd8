import { stringOf, type Wire } from './wire.ts'

/** Milliseconds that a server waits at least: [connection.hello-wait], [auth.wait]. */
const leastWaitMs = 10_000

/** What an endpoint knows of its own time, in milliseconds of one clock. */
export interface ConnectionTimes {
  /** Before the connection was asked for. */
  readonly openedAt: number
  /** When the last frame was sent. */
  readonly lastSentAt: number
  readonly now: number
}

/**
 * Why a server was free to end a connection for its age: a path or server that takes seconds for an answer lets the times pass that the
 * specification gives for saying `hello`, for authenticating, for staying silent.
 *
 * @returns In words; `undefined` where the connection ended for something else, or too early.
 */
export function lapsed(
  log: readonly { readonly message: Wire }[],
  times: ConnectionTimes,
): string | undefined {
  const fatal = log.find(({ message }) => message['type'] === 'error' && message['fatal'] === true)
  const code = fatal && stringOf(fatal.message, 'code')
  const last = (type: string) => log.findLast(({ message }) => message['type'] === type)
  const age = times.now - times.openedAt
  switch (code ?? '') {
    case 'hello-timeout':
      return last('welcome') || age < leastWaitMs ? undefined : `no welcome ${seconds(age)} after its opening`
    case 'auth-timeout':
      return last('authenticated') || age < leastWaitMs
        ? undefined
        : `no authentication ${seconds(age)} after its opening`
    case 'idle-timeout': {
      const limits = last('welcome')?.message['limits'] as { readonly idleSeconds?: unknown } | undefined
      const silent = times.now - times.lastSentAt
      const allowed = typeof limits?.idleSeconds === 'number' ? limits.idleSeconds * 1000 : Infinity
      return silent < allowed ? undefined : `nothing sent for ${seconds(silent)}`
    }
    case 'token-expired': {
      const ends = last('authenticated')?.message['expiresInMs']
      return typeof ends !== 'number' || age < ends ? undefined : `the token ended after ${seconds(ends)}`
    }
    default:
      return undefined
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
