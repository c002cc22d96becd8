import type { IncomingMessage } from 'node:http'
import { shownUrl } from '../target/shown-url.ts'
import { ConnectError, type ConnectOptions } from './transport.ts'
import { proxyProblem } from './tunnel.ts'

/** What is wrong with a server that answers the handshake with an ordinary response. */
export function httpProblem(url: URL, response: IncomingMessage): ConnectError {
  const status = response.statusCode ?? 0
  const kind = response.headers['content-type'] ?? 'no content type'
  const hint =
    status === 404
      ? 'Check the path'
      : status === 429 || status === 503
        ? 'The server takes no more connections now: let the kit open more, or give a lower --concurrency'
        : status === 401 || status === 403
          ? 'The server refuses the handshake: check its origin policy and credentials'
          : status >= 300 && status < 400
            ? `It redirects to ${String(response.headers.location)}: use that address`
            : status === 200
              ? 'This is a web page, no WebSocket endpoint: check host and path'
              : status === 426 || status === 400
                ? 'An HTTP server answers, but refuses this WebSocket: check path and subprotocol'
                : 'Check that the signaling server is behind this address'
  return new ConnectError(
    'http',
    `${shownUrl(url)} answered with HTTP ${String(status)} (${kind}). ${hint}`,
    {
      status,
    },
  )
}

const tlsCodes = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|DEPTH_ZERO|ERR_TLS|ERR_SSL|EPROTO/

/** The error of the system that an attempt to connect ended with: the first, where several addresses were tried. */
function innermost(error: unknown): { readonly code: string; readonly message: string; readonly own: Error } {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined
  const own = first instanceof Error ? first : error instanceof Error ? error : new Error(String(error))
  const code = 'code' in own && typeof own.code === 'string' ? own.code : ''
  return { code, message: `${code} ${own.message}`.trim(), own }
}

/** An error of the system in its own words. */
export function systemProblem(error: unknown): string {
  return innermost(error).message || 'the connection was cut'
}

/**
 * What is wrong when an attempt takes too long.
 *
 * @param accepted - Whether the target has taken the connection below.
 */
export function timeoutProblem(
  url: URL,
  { timeoutMs, proxy }: ConnectOptions,
  waitsFor: 'proxy' | 'target',
  accepted: boolean,
): ConnectError {
  const seconds = `${(timeoutMs / 1000).toFixed(1)} s`
  if (proxy && waitsFor === 'proxy')
    return proxyProblem(proxy, `has opened no way to ${url.host} within ${seconds}`)
  return new ConnectError(
    'timeout',
    `${url.host} did not answer the WebSocket handshake within ${seconds}: check host and port`,
    { unanswered: accepted },
  )
}

/** What is wrong with a certificate, or with the TLS that came instead of one. */
function tlsProblem(url: URL, code: string, message: string, own: Error): string {
  const { host } = url
  const anyway = 'pass --insecure to accept any certificate'
  if (/wrong.version.number|packet length too long|http request/i.test(message))
    return `${host} does not speak TLS: use ws:// instead of wss://`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = 'cert' in own ? namesOf(own.cert) : 'other names'
    return `The TLS certificate of ${host} is not for "${url.hostname}" but for ${names}: use a name that it is for, or ${anyway}`
  }
  if (code === 'CERT_HAS_EXPIRED') return `The TLS certificate of ${host} has expired: renew it, or ${anyway}`
  if (code === 'CERT_NOT_YET_VALID')
    return `The TLS certificate of ${host} is not valid yet: check the clock of this machine, or ${anyway}`
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code) || /certificate required/i.test(message))
    return `${host} ended the TLS handshake (${message}): it may ask for a client certificate, which the kit has not`
  return (
    `The TLS certificate of ${host} is not trusted (${message}): name the file of its authority with --ca, ` +
    `or in NODE_EXTRA_CA_CERTS, or ${anyway}`
  )
}

/** The names that a certificate is for: at most three, for a sentence. */
function namesOf(certificate: unknown): string {
  const { subjectaltname } = certificate as { readonly subjectaltname?: string }
  const names = subjectaltname?.split(', ').map((name) => `"${name.replace(/^(DNS|IP Address):/, '')}"`) ?? []
  return names.length === 0 ? 'other names' : names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '')
}

/** What an error of the system, of TLS or of the handshake means, in a sentence for people. */
export function connectProblem(url: URL, error: Error): ConnectError {
  const { code, message, own } = innermost(error)
  const because = (problem: ConnectError['problem'], text: string) =>
    new ConnectError(problem, text, { cause: error })
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return because('dns', `No address is known for the host "${url.hostname}": check its spelling`)
  if (code === 'ECONNREFUSED')
    return because('refused', `Nothing listens at ${url.host}: start the server, or check host and port`)
  if (tlsCodes.test(code) || tlsCodes.test(own.message))
    return because('tls', tlsProblem(url, code, message, own))
  if (code === 'ETIMEDOUT') return because('timeout', `${url.host} does not answer: check host and port`)
  if (
    /Unexpected server response|Invalid (WebSocket|Sec-WebSocket|Upgrade)|Server sent|Parse Error/i.test(
      own.message,
    )
  )
    return because(
      'not-this-binding',
      `${shownUrl(url)} does not answer as a WebSocket server: ${own.message}`,
    )
  return because('network', `Cannot connect to ${shownUrl(url)}: ${message || 'the connection was cut'}`)
}
