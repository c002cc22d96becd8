import { isIP, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { AddressBook } from './address-book.ts'
import { systemProblem } from './connect-problem.ts'
import { dial, type DialOptions } from './dial.ts'
import type { ConnectOptions, Proxy } from './transport.ts'
import { proxyProblem, tunnel } from './tunnel.ts'

/** Share of the time to connect that one of several addresses gets. A run meets a dead one once, so this may be patient. */
const attemptShare = 0.1

/**
 * Opens the connection below a link: TCP, through a proxy where there is one, with TLS where the URL's scheme asks for it.
 *
 * @param signal - Ends the attempt, and the connection.
 * @param onWay - Called when the proxy, if any, has done its part.
 * @throws {@link ConnectError} where a proxy is in the way; otherwise the error of Node.
 */
export async function openSocket(
  url: URL,
  options: ConnectOptions,
  signal: AbortSignal,
  onWay: () => void,
): Promise<Socket> {
  const [host, port] = placeOf(url)
  const dialing: DialOptions = {
    addresses: options.addresses ?? new AddressBook(),
    attemptMs: Math.ceil(options.timeoutMs * attemptShare),
    signal,
  }
  const socket = options.proxy
    ? await throughProxy(options.proxy, `${url.hostname}:${String(port)}`, options, dialing)
    : await dial(host, port, dialing)
  onWay()
  return url.protocol === 'wss:' ? secure(socket, host, options) : socket
}

async function throughProxy(
  proxy: Proxy,
  authority: string,
  options: ConnectOptions,
  dialing: DialOptions,
): Promise<Socket> {
  const [host, port] = placeOf(proxy.url)
  let socket: Socket
  try {
    socket = await dial(host, port, dialing)
    if (proxy.url.protocol === 'https:') socket = await secure(socket, host, options)
  } catch (error) {
    throw proxyProblem(proxy, `cannot be reached (${systemProblem(error)})`, error)
  }
  return tunnel(socket, proxy, authority)
}

function placeOf({ protocol, hostname, port }: URL): [host: string, port: number] {
  const usual = protocol === 'wss:' || protocol === 'https:' ? 443 : 80
  return [hostname.replace(/^\[|\]$/g, ''), port === '' ? usual : Number(port)]
}

/** Speaks TLS on a connection; the host is who the certificate has to be of. */
function secure(socket: Socket, host: string, options: ConnectOptions): Promise<Socket> {
  const { insecure, secureContext } = options
  return new Promise((resolve, reject) => {
    const secured = tlsConnect({
      socket,
      host,
      ...(isIP(host) ? {} : { servername: host }),
      rejectUnauthorized: !insecure,
      ...(secureContext ? { secureContext } : {}),
    })
    secured.on('error', reject)
    secured.once('secureConnect', () => {
      resolve(secured)
    })
  })
}
