import type { LookupFunction } from 'node:net'
import { AddressBook } from '../transport/address-book.ts'
import type { ConnectOptions } from '../transport/transport.ts'
import { basicCredentials } from '../transport/tunnel.ts'
import { trusting } from './authorities.ts'
import { isElsewhere, readToken } from './credential.ts'
import { readHeaders, secretsOfHeaders, shownHeader } from './header.ts'
import { TargetOptionError } from './option-error.ts'
import { proxyOf } from './proxy-choice.ts'
import { secretsOf } from './shown-url.ts'
import { fixedToken, freshTokens, type TokenMaker, type TokenSource } from './token-source.ts'

/** What a user says about how to reach a target and to be let in; see `ConformanceOptions` for each. */
export interface ReachOptions {
  readonly tokens?: readonly string[]
  readonly tokenCommands?: readonly TokenMaker[]
  readonly headers?: Readonly<Record<string, string>>
  readonly ca?: readonly string[]
  readonly insecure?: boolean
}

/** What must not be shown, and what stands in its place. */
export type OnSecret = (secret: string, label: string) => void

/** Milliseconds until an attempt to connect counts as unanswered, before scaling. */
const connectTimeoutMs = 10_000

/**
 * Reads what is needed to connect to a target.
 *
 * @param lookup - Finds the addresses of host names; the system by default.
 * @throws `TargetOptionError` or `CredentialError` with a sentence for people.
 */
export async function readReach(
  url: URL,
  options: ReachOptions,
  scale: number,
  onSecret: OnSecret,
  lookup?: LookupFunction,
): Promise<ConnectOptions> {
  const sources = options.headers ?? {}
  const [headers, secureContext] = await Promise.all([readHeaders(sources), trusting(options.ca ?? [])])
  for (const secret of secretsOfHeaders(headers, sources)) onSecret(secret, 'header')
  for (const secret of secretsOf(url)) onSecret(secret, 'part of the URL')
  const proxy = proxyOf(url)
  if (proxy) {
    const credentials = basicCredentials(proxy.url)?.replace(/^Basic /, '') ?? ''
    for (const secret of [...secretsOf(proxy.url), credentials]) onSecret(secret, 'part of the proxy’s URL')
  }
  return {
    insecure: options.insecure ?? false,
    timeoutMs: connectTimeoutMs * scale,
    headers,
    secureContext,
    proxy,
    addresses: new AddressBook(lookup),
  }
}

/**
 * Where the tokens of each user come from.
 *
 * @param onToken - Told of every token before it is used, with the number of its user from 0.
 * @throws `TargetOptionError` or `CredentialError` with a sentence for people.
 */
export async function readTokens(
  { tokens = [], tokenCommands = [] }: ReachOptions,
  onToken: (token: string, user: number) => void,
): Promise<readonly TokenSource[]> {
  if (tokenCommands.length === 0) {
    const fixed = await Promise.all(tokens.map(readToken))
    for (const [user, token] of fixed.entries()) onToken(token, user)
    return fixed.map(fixedToken)
  }
  if (tokens.length > 0)
    throw new TargetOptionError('Cannot use tokens and token commands together: give each user a command')
  return freshTokens(tokenCommands, onToken)
}

/** The same said by flags of the command, for a command that repeats a check; secrets only by where they are. */
export function reachFlags({
  tokens = [],
  tokenCommands = [],
  headers = {},
  ca = [],
  insecure,
}: ReachOptions): string[] {
  return [
    ...tokens.flatMap((token) => ['--token', isElsewhere(token) ? token : '…']),
    ...tokenCommands.flatMap((maker) => ['--token-command', typeof maker === 'string' ? maker : '…']),
    ...Object.entries(headers).flatMap(([name, source]) => ['--header', shownHeader(name, source)]),
    ...ca.flatMap((source) => ['--ca', source.includes('-----BEGIN') ? '…' : source]),
    ...(insecure ? ['--insecure'] : []),
  ]
}
