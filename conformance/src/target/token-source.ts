import { checked, CredentialError, outputOf } from './credential.ts'

/** Where the tokens of one user come from. */
export interface TokenSource {
  /** Whether each call of {@link next} gives another token, so that none has to be good for two connections. */
  readonly fresh: boolean
  /**
   * A token to authenticate one connection with.
   *
   * @throws `CredentialError` when it cannot be had; the message never holds a token.
   */
  readonly next: () => Promise<string>
}

/** Gives a fresh token at each call: a command for the shell, whose output it is, or a function. */
export type TokenMaker = string | (() => string | Promise<string>)

/** Commands of all users that run at the same time: a run opens hundreds of connections, many at once. */
const commandsAtOnce = 4

/** One token for every connection. */
export function fixedToken(token: string): TokenSource {
  return { fresh: false, next: () => Promise.resolve(token) }
}

/**
 * The makers of fresh tokens, as sources.
 *
 * @param onToken - Told of every token before it is used, with the number of its user from 0.
 */
export function freshTokens(
  makers: readonly TokenMaker[],
  onToken: (token: string, user: number) => void,
): TokenSource[] {
  const inTurn = limited(commandsAtOnce)
  return makers.map((maker, user) => ({
    fresh: true,
    next: async () => {
      const text = await (typeof maker === 'string' ? inTurn(() => outputOf(maker, 'token')) : called(maker))
      const token = checked(text, 'token', typeof maker === 'string' ? 'the command' : 'the function')
      onToken(token, user)
      return token
    },
  }))
}

/** What a function gives; the message of its error may hold a secret, so it goes no further than the cause. */
async function called(maker: () => string | Promise<string>): Promise<string> {
  try {
    return await maker()
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : typeof cause
    throw new CredentialError(`Cannot get a token: the function threw (${name})`, { cause })
  }
}

/** Lets so many pieces of work run at the same time; the others wait in the order in which they came. */
export function limited(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = width
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}
