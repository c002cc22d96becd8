import type { ServerOptions } from '@parley/reference-server'
import { startReferenceServer, type RunningServer } from '../running-server.ts'
import { selfTestTokens } from '../self-test-token.ts'

/** A server that takes each token once. */
export interface SingleUseServer extends RunningServer {
  /** Commands that print a token, for each of the two users of the kit. */
  readonly commands: readonly string[]
  /** Every token that it was shown and that was valid, with how often. */
  readonly shown: ReadonlyMap<string, number>
}

/** Prints a token that nobody has seen. */
function commandFor(user: string): string {
  return `printf planted-${user}-; od -An -N12 -tx1 /dev/urandom | tr -d ' \\n'`
}

/**
 * Starts the reference server with an authenticator of its own.
 *
 * @param uses - How often a token is good.
 */
export async function startSingleUseServer(uses = 1): Promise<SingleUseServer> {
  const shown = new Map<string, number>()
  const authenticate: ServerOptions['authenticate'] = (token) => {
    const [, user] = /^planted-([a-z]+)-[0-9a-f]{24}$/.exec(token) ?? []
    const entry = selfTestTokens.find((known) => known.user === user)
    if (!entry) return undefined
    const times = (shown.get(token) ?? 0) + 1
    shown.set(token, times)
    if (times > uses) return undefined
    const { token: _token, ...authentication } = entry
    return authentication
  }
  const server = await startReferenceServer({ tokens: [], authenticate })
  return { ...server, commands: selfTestTokens.map(({ user }) => commandFor(user)), shown }
}
