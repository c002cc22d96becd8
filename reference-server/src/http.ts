import { STATUS_CODES, type IncomingMessage, type RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'

/** What `GET /health` tells. */
export interface Health {
  readonly status: 'ok' | 'draining' | 'closing'
  readonly connections: number
  readonly rooms: number
  readonly uptimeSeconds: number
  readonly version: string
  /** Whether new connections are let in: not while it stops, and not while it is full. */
  readonly ready: boolean
}

/** Path of a request without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/** An answer to a request for a page. */
export interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Pages by their path, made when somebody asks. */
export type Pages = ReadonlyMap<string, () => Promise<Page>>

/** `GET /health`: whether the process is well. `GET /ready`: whether to send it new connections. */
export function healthPages(health: () => Promise<Health>): Pages {
  const page = (isGood: (found: Health) => boolean) => async () => {
    const found = await health()
    return { status: isGood(found) ? 200 : 503, type: 'application/json', body: JSON.stringify(found) }
  }
  return new Map([
    ['/health', page(({ status }) => status !== 'closing')],
    ['/ready', page(({ ready }) => ready)],
  ])
}

/**
 * Answers requests that are not for a WebSocket.
 *
 * @param path - Path of the WebSocket; nothing where there is none.
 */
export function answerRequest(path: string | undefined, pages: Pages): RequestListener {
  return (request, response) => {
    const asked = pathOf(request)
    const send = ({ status, type, body }: Page) => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        ...(status === 426 ? { upgrade: 'websocket', connection: 'upgrade' } : {}),
      })
      response.end(request.method === 'HEAD' ? '' : body)
    }
    const say = (status: number, sentence: string) => {
      send({ status, type: 'text/plain; charset=utf-8', body: `${sentence}\n` })
    }
    const page = request.method === 'GET' || request.method === 'HEAD' ? pages.get(asked) : undefined
    if (page !== undefined) {
      page().then(send, () => {
        say(500, 'The state of this server cannot be told.')
      })
    } else if (asked === path) {
      say(426, 'This is a Parley signaling server: connect with a WebSocket.')
    } else {
      const socket = path === undefined ? '' : ` The WebSocket is at ${path}.`
      say(404, `Nothing is here.${socket} Pages: ${[...pages.keys()].join(', ')}.`)
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
