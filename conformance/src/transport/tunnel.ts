import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ConnectError, type Proxy } from './transport.ts'

/**
 * Has a proxy open a way to a host: HTTP's CONNECT (RFC 9110, section 9.3.6), which is what RFC 6455, section 4.1, asks of a client behind
 * a proxy. By Node's own `http`: the agents that libraries offer hand a proxy's refusal on as if the target had answered.
 *
 * @param socket - Connection to the proxy.
 * @param authority - `host:port` of the target.
 * @returns The same connection, which now leads to the target.
 * @throws {@link ConnectError} with a sentence for people.
 */
export function tunnel(socket: Socket, proxy: Proxy, authority: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const credentials = basicCredentials(proxy.url)
    const asked = request({
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(credentials === undefined ? {} : { 'proxy-authorization': credentials }),
      },
      createConnection: () => socket,
    })
    asked.on('connect', (response, _socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        reject(refusal(proxy, authority, response))
        return
      }
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    asked.on('error', (error) => {
      const hungUp = 'code' in error && error.code === 'ECONNRESET'
      const what = hungUp
        ? `ended the connection instead of opening a way to ${authority}`
        : `does not answer as a proxy (${error.message})`
      reject(proxyProblem(proxy, what, error))
    })
    asked.end()
  })
}

/** What is wrong with a proxy, in a sentence that names it. */
export function proxyProblem(proxy: Proxy, what: string, cause?: unknown): ConnectError {
  const fix = `Check the variable ${proxy.variable}, or name the target's host in NO_PROXY`
  return new ConnectError('proxy', `The proxy ${proxy.shown} ${what}. ${fix}`, { cause })
}

function refusal(proxy: Proxy, authority: string, { statusCode = 0 }: IncomingMessage): ConnectError {
  const status = `HTTP ${String(statusCode)}`
  if (statusCode === 407) {
    const given = basicCredentials(proxy.url) !== undefined
    const what = given ? 'does not accept the credentials in its URL' : 'asks for credentials in its URL'
    return proxyProblem(proxy, `${what} (${status})`)
  }
  if (statusCode === 502 || statusCode === 503 || statusCode === 504) {
    return new ConnectError(
      'proxy',
      `The proxy ${proxy.shown} cannot reach ${authority} (${status}): check host and port of the target`,
    )
  }
  return proxyProblem(proxy, `refuses to connect to ${authority} (${status})`)
}

/** The credentials of a URL as HTTP has them (RFC 7617). */
export function basicCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
