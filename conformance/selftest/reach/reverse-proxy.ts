import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createProxyServer } from 'http-proxy-3'
import type { Certificate } from './authority.ts'

/** A reverse proxy in front of a server. */
export interface ReverseProxy extends AsyncDisposable {
  /** What clients connect to; ends in a slash. */
  readonly url: string
  /** Headers of every handshake that came, in order. */
  readonly handshakes: IncomingHttpHeaders[]
}

/**
 * Starts a reverse proxy with TLS that hands on what comes below a path, without that path.
 *
 * @param target - URL of the server behind it.
 * @param prefix - Begins and ends in a slash.
 */
export async function startReverseProxy(
  target: string,
  prefix: string,
  certificate: Certificate,
): Promise<ReverseProxy> {
  const proxy = createProxyServer({ target, ws: true })
  // A client that goes away while it is being connected.
  proxy.on('error', (_error, _request, stream) => {
    stream.destroy()
  })
  const handshakes: IncomingHttpHeaders[] = []
  const sockets = new Set<Socket>()
  const server = createServer(certificate, (_request, response) => response.writeHead(404).end())
  server.on('upgrade', (request, socket: Socket, head) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    handshakes.push(request.headers)
    const { url = '' } = request
    if (!url.startsWith(prefix)) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n')
      return
    }
    request.url = `/${url.slice(prefix.length)}`
    proxy.ws(request, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `wss://127.0.0.1:${String(port)}${prefix}`,
    handshakes,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
