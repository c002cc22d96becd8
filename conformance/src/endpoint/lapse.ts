import { stringOf, type Wire } from './wire.ts'

/** Milliseconds that a server waits at least: [connection.hello-wait], [auth.wait]. */
const leastWaitMs = 10_000

/** What an endpoint knows of its own time, in milliseconds of one clock. */
export interface ConnectionTimes {
  /** Before the connection was asked for. */
  readonly openedAt: number
  /** When the last frame was sent. */
  readonly lastSentAt: number
  /** When the fatal error came. */
  readonly endedAt: number
}

/** An end that a server was free to bring about. */
export interface Lapse {
  /** The error code that it gave. */
  readonly code: string
  readonly words: string
}

/**
 * Why a server was free to end a connection for its age: a path or server that takes seconds for an answer lets the times pass that the
 * specification gives for saying `hello`, for authenticating, for staying silent.
 *
 * @returns `undefined` where the connection ended for something else, or too early.
 */
export function lapsed(
  log: readonly { readonly message: Wire }[],
  times: ConnectionTimes,
): Lapse | undefined {
  const fatal = log.find(({ message }) => message['type'] === 'error' && message['fatal'] === true)
  const code = (fatal && stringOf(fatal.message, 'code')) ?? ''
  const words = wordsOf(code, log, times)
  return words === undefined ? undefined : { code, words }
}

function wordsOf(
  code: string,
  log: readonly { readonly message: Wire }[],
  times: ConnectionTimes,
): string | undefined {
  const last = (type: string) => log.findLast(({ message }) => message['type'] === type)
  const age = times.endedAt - times.openedAt
  switch (code) {
    case 'hello-timeout':
      return last('welcome') || age < leastWaitMs ? undefined : `no welcome ${seconds(age)} after its opening`
    case 'auth-timeout':
      return last('authenticated') || needsNoAuth(last('welcome')?.message) || age < leastWaitMs
        ? undefined
        : `no authentication ${seconds(age)} after its opening`
    case 'idle-timeout': {
      const limits = last('welcome')?.message['limits'] as { readonly idleSeconds?: unknown } | undefined
      const silent = times.endedAt - times.lastSentAt
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

/** Whether nobody authenticates, or the binding has done so. */
function needsNoAuth({ auth, user }: Wire = {}): boolean {
  return user !== undefined || (Array.isArray(auth) && auth.length === 0)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
