import { capabilityNames, type CapabilityName, type Hello } from '@parley/schemas'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { longestRetryMs, requestInTime, retryAfterOf } from '../endpoint/retry.ts'
import { stringOf } from '../endpoint/wire.ts'
import type { Target } from '../target/target.ts'
import type { ConnectOptions } from '../transport/transport.ts'
import { presupposing, Undecided, Withheld } from './failure.ts'
import { refusedToken } from './refused-token.ts'

/** How a check wants a client to come in. */
export interface ClientOptions {
  /** Which user: 0 is the first token, 1 the second. */
  readonly user?: number
  /**
   * The capabilities that it asks for: those of them that the server offers have to be in force. By default the one that the check is about;
   * with none its `hello` is a bare one.
   */
  readonly capabilities?: readonly CapabilityName[]
  /** Further members of `hello`. */
  readonly hello?: Partial<Omit<Hello, 'type'>>
  /** Stay unauthenticated. */
  readonly anonymous?: boolean
  /** Further ways of connecting. */
  readonly connect?: Partial<ConnectOptions>
}

/** What a client needs of its check to come in. */
interface Origin {
  readonly target: Target
  token(user?: number): Promise<string | undefined>
  open(connect?: Partial<ConnectOptions>): Promise<Endpoint>
}

/**
 * A client that has said `hello`, has been welcomed, and is authenticated where that is needed.
 *
 * @param usual - The capability that it asks for where `options` do not say.
 */
export async function arrive(
  t: Origin,
  usual: CapabilityName | undefined,
  options: ClientOptions,
): Promise<Endpoint> {
  const { target } = t
  const authenticate = target.needsAuth && !options.anonymous
  // Before the connection is opened: the time that a token takes to come is not the server's.
  const token = authenticate ? await t.token(options.user) : undefined
  if (authenticate && token === undefined) {
    if (options.user) throw new Undecided('not-observed', 'This takes a second token (--token given twice)')
    throw new Undecided(
      'could-not-run',
      'The server asks for authentication: this check needs a token (--token)',
    )
  }
  const names = options.capabilities ?? (usual === undefined ? [] : [usual])
  const capabilities = Object.fromEntries(names.map((name) => [name, {}]))
  const endpoint = await t.open(options.connect)
  endpoint.send({
    type: 'hello',
    versions: [1],
    ...(names.length > 0 ? { capabilities } : {}),
    ...options.hello,
  })
  if (authenticate) endpoint.send({ type: 'auth', method: 'token', token: token ?? '' })
  await presupposing('connection.welcome', endpoint.expect('welcome'))
  requireInForce(endpoint, names, target)
  if (authenticate) await authenticated(endpoint, token ?? '', target, options.user ?? 0)
  return endpoint
}

/** The capabilities that are in force on a connection of the kit, of those that the specification knows. */
export function inForceOn({ welcome }: Pick<Endpoint, 'welcome'>): readonly CapabilityName[] {
  const named: unknown = welcome['capabilities']
  if (typeof named !== 'object' || named === null) return []
  return capabilityNames.filter((name) => Object.hasOwn(named, name))
}

/** A server may offer what it likes; what it offered once is needed here. */
export function requireInForce(
  endpoint: Pick<Endpoint, 'welcome'>,
  names: readonly CapabilityName[],
  { offered }: Pick<Target, 'offered'>,
): void {
  const inForce = inForceOn(endpoint)
  const missing = names.find((name) => offered.names.has(name) && !inForce.includes(name))
  if (missing === undefined) return
  const asked = `one that named ${names.join(', ')}`
  throw new Withheld(
    `The server offered the capability ${missing} to a hello that named all, and not to ${asked}`,
  )
}

/** Waits until the server has taken the `auth` that a client began with. */
async function authenticated(
  endpoint: Endpoint,
  token: string,
  { users }: Target,
  user: number,
): Promise<void> {
  const answered = endpoint.waitFor(
    ({ message }) => message['type'] === 'authenticated' || message['type'] === 'error',
    'the user to be authenticated',
  )
  const { index, message } = await presupposing('auth.token', answered)
  if (message['type'] === 'authenticated') return
  let code = stringOf(message, 'code')
  const wait = retryAfterOf({ code, message })
  if (wait !== undefined && wait <= longestRetryMs) {
    endpoint.retried.add(index)
    await new Promise((resolve) => setTimeout(resolve, wait))
    const again = requestInTime(endpoint, { type: 'auth', method: 'token', token })
    const outcome = await presupposing('auth.token', again)
    if (outcome.type === 'authenticated') return
    code = outcome.code
  }
  if (code === 'rate-limited')
    throw new Undecided('inconclusive', 'The server takes auth less often than the kit sends it')
  throw refusedToken(users[user], code ?? 'no code', token)
}
