import { createServer, type Seams, type ServerOptions } from '@parley/reference-server'
import { startMiniTurn } from './turn/mini-turn.ts'
import { selfTestTokens } from './self-test-token.ts'

const minimalServerPath = 'docs/examples/minimal-server/server.js'

/** The repository, seen from this file as source and as built. */
export const repository = new URL(
  import.meta.url.includes('/dist/') ? '../../../' : '../../',
  import.meta.url,
)

/** A server that the kit can be pointed at. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string
  /** Tokens of the two users that the kit acts as; empty where the server asks for none. */
  readonly tokens: readonly string[]
  /** Makes it begin to drain, where it can. */
  readonly drain?: () => Promise<void>
}

/** Limits small enough for an ordinary run to look at both sides of them, and sight that shows it more than its own. */
const observableLimits: ServerOptions = {
  membersPerRoom: 8,
  roomsPerPeer: 12,
  dataBytes: 2048,
  drainSeconds: 2,
  findRooms: 'joinable',
  seeUsers: 'anyone',
}

/** Life of credentials for TURN that an ordinary run can wait for the renewal of. */
const turnSeconds = 4

/** Secret of the TURN server beside the reference server. */
const turnSecret = 'self-test'

/**
 * Starts the reference server with two users, small limits, and a TURN server beside it.
 *
 * @param options - No `tokens` in the list: nobody needs to authenticate.
 */
export async function startReferenceServer(
  options: ServerOptions = {},
  seams: Seams = {},
): Promise<RunningServer> {
  const { tokens = selfTestTokens, ...others } = options
  const users = tokens.length > 0 ? { tokens } : {}
  const turn = await startMiniTurn(turnSecret)
  const ice = { iceUrls: [turn.url], turnSecret, turnSeconds }
  const server = createServer({ ...observableLimits, ...ice, ...others, ...users, port: 0 }, seams)
  const { url } = await server.listen()
  return {
    url,
    tokens: tokens.map(({ token }) => token),
    drain: () => server.drain(),
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await turn[Symbol.asyncDispose]()
    },
  }
}

/** What `docs/examples/minimal-server/server.js` exports; plain JavaScript, so its shape is stated here. */
export interface MinimalServerModule {
  readonly createMinimalServer: (options: {
    port: number
    tokens: Record<string, { user: string; grants?: unknown }>
    membersPerRoom?: number
  }) => Promise<{ readonly url: string; close(): Promise<void> }>
}

/** Where the minimal server of the docs is. */
export const minimalServerFile = new URL(minimalServerPath, repository)

/**
 * Starts the minimal server of the docs, which takes the specification's freedoms the other way.
 *
 * @param withUsers - Whether it asks for authentication.
 */
export async function startMinimalServer(withUsers: boolean): Promise<RunningServer> {
  const module = (await import(minimalServerFile.href)) as MinimalServerModule
  return await startMinimalModule(module, withUsers)
}

/** Starts a minimal server, as it is or with a fault in its text. */
export async function startMinimalModule(
  { createMinimalServer }: MinimalServerModule,
  withUsers: boolean,
  options: { readonly membersPerRoom?: number } = {},
): Promise<RunningServer> {
  const users = withUsers ? selfTestTokens : []
  const tokens = Object.fromEntries(users.map(({ token, ...user }) => [token, user]))
  const server = await createMinimalServer({ ...options, port: 0, tokens })
  let closed: Promise<void> | undefined
  const close = () => (closed ??= server.close())
  return {
    url: server.url,
    tokens: users.map(({ token }) => token),
    drain: close,
    [Symbol.asyncDispose]: close,
  }
}
