import { STATUS_CODES, type IncomingMessage, type RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'

/** What `GET /health` tells. */
export interface Health {
  readonly status: 'ok' | 'closing'
  readonly connections: number
  readonly rooms: number
  readonly uptimeSeconds: number
  readonly version: string
}

/** Path of a request without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/**
 * Answers requests that are not for a WebSocket.
 *
 * @param path - Path of the WebSocket.
 */
export function answerRequest(path: string, health: () => Health | Promise<Health>): RequestListener {
  return (request, response) => {
    const asked = pathOf(request)
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        ...(status === 426 ? { upgrade: 'websocket', connection: 'upgrade' } : {}),
      })
      response.end(request.method === 'HEAD' ? '' : body)
    }
    const say = (status: number, sentence: string) => {
      send(status, 'text/plain; charset=utf-8', `${sentence}\n`)
    }
    if (asked === '/health' && (request.method === 'GET' || request.method === 'HEAD')) {
      Promise.resolve(health()).then(
        (found) => {
          send(found.status === 'ok' ? 200 : 503, 'application/json', JSON.stringify(found))
        },
        () => {
          say(500, 'The state of this server cannot be told.')
        },
      )
    } else if (asked === path) {
      say(426, 'This is a Parley signaling server: connect with a WebSocket.')
    } else {
      say(404, `Nothing is here: the WebSocket is at ${path}, the health at /health.`)
    }
  }
}

/** Refuses a socket that asks for an upgrade. */
export function refuseUpgrade(socket: Duplex, status: number, sentence: string): void {
  const body = `${sentence}\n`
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy()) // whether or not the client ends its side
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
