import { randomBytes } from 'node:crypto'
import { connect as netConnect, type Socket, type TcpNetConnectOpts } from 'node:net'
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls'
import { isIP } from 'node:net'
import type { ClientRequestArgs, IncomingMessage } from 'node:http'
import WebSocket from 'ws'
import { subprotocol } from '@parley/schemas'
import {
  ConnectError,
  type ConnectOptions,
  type Link,
  type LinkEvents,
  type Transport,
  type WebSocketControls,
} from './transport.ts'
import { shownUrl } from '../target/shown-url.ts'

/** The WebSocket binding (RFC 6455), by the `ws` library. */
export const webSocketTransport: Transport = {
  binding: 'websocket',
  schemes: ['ws:', 'wss:'],
  connect: connectWebSocket,
}

/**
 * Limits of the library that its types do not know, taken away: it would cut the connection of a server that pings often or writes in many
 * fragments, and the server would be blamed.
 */
const unlimited = { maxPendingAutoPongs: 0, maxFragments: 0, maxBufferedChunks: 0 }

function connectWebSocket(url: URL, options: ConnectOptions, events: LinkEvents): Promise<Link> {
  return new Promise((resolve, reject) => {
    let raw: Socket | undefined
    let settled = false
    const socket = new WebSocket(url, [...(options.subprotocols ?? [subprotocol])], {
      perMessageDeflate: false,
      autoPong: options.answerPings ?? true,
      rejectUnauthorized: !options.insecure,
      maxPayload: 64 * 1024 * 1024,
      ...unlimited,
      createConnection: (args: ClientRequestArgs) => {
        raw = openSocket(url, args)
        return raw
      },
    })
    const timer = setTimeout(() => {
      const seconds = (options.timeoutMs / 1000).toFixed(1)
      fail(
        new ConnectError(
          'timeout',
          `${url.host} did not answer the WebSocket handshake within ${seconds} s: check host and port`,
        ),
      )
      socket.terminate()
    }, options.timeoutMs)
    const fail = (error: ConnectError) => {
      clearTimeout(timer)
      if (settled) return
      settled = true
      reject(error)
    }
    let byUs = false
    // The library answers a close frame by its own close().
    const close = socket.close.bind(socket)
    socket.close = (code, reason) => {
      if (!byUs) events.onClosing?.()
      close(code, reason)
    }
    let transportError = ''
    let selected = { subprotocol: '', extensions: '' }
    socket.on('upgrade', (response) => {
      selected = takeSelection(response, options.subprotocols ?? [subprotocol])
    })
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const text = data.toString('utf8')
      if (isBinary) events.onForeign(`a binary message of ${String(data.length)} bytes`, text)
      else events.onText(text)
    })
    socket.on('unexpected-response', (_request, response) => {
      fail(httpProblem(url, response))
      response.destroy()
    })
    socket.on('error', (error) => {
      transportError = error.message
      fail(connectProblem(url, error))
    })
    socket.on('close', (code, reason) => {
      if (!settled)
        fail(
          new ConnectError(
            'network',
            `The server ended the connection during the handshake at ${shownUrl(url)}`,
          ),
        )
      // 1005 and 1006 never travel: they say that there was no code, or no close frame at all.
      const arrived = code !== 1005 && code !== 1006
      const text = reason.toString('utf8') || (code === 1006 ? transportError : '')
      events.onEnd({ code: arrived ? code : undefined, reason: text, byUs, orderly: code !== 1006 })
    })
    socket.on('open', () => {
      clearTimeout(timer)
      if (settled) return
      settled = true
      resolve({
        send: (text) => {
          if (socket.readyState !== WebSocket.OPEN) return
          if (raw) coalesce(raw)
          socket.send(text)
        },
        pause: () => {
          socket.pause()
        },
        resume: () => {
          socket.resume()
        },
        close: () => {
          byUs = true
          socket.close(1000)
        },
        abort: () => {
          byUs = true
          socket.terminate()
        },
        get unsentBytes() {
          return socket.bufferedAmount
        },
        webSocket: controls(socket, raw, selected),
      })
    })
  })
}

/**
 * Reads what the server selected and hides it from the library, which would give up over a wrong selection: to judge that is for a check.
 */
function takeSelection(
  response: IncomingMessage,
  offered: readonly string[],
): { subprotocol: string; extensions: string } {
  const { headers } = response
  const selected = {
    subprotocol: headers['sec-websocket-protocol'] ?? '',
    extensions: headers['sec-websocket-extensions'] ?? '',
  }
  delete headers['sec-websocket-extensions']
  const [first] = offered
  if (first === undefined) delete headers['sec-websocket-protocol']
  else headers['sec-websocket-protocol'] = first
  return selected
}

function openSocket(url: URL, args: ClientRequestArgs): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (url.protocol === 'wss:' ? 443 : 80))
  const target: TcpNetConnectOpts = { host, port, autoSelectFamily: true }
  const secure = args as ConnectionOptions
  const socket =
    url.protocol === 'wss:'
      ? tlsConnect({
          ...target,
          ...(isIP(host) ? {} : { servername: host }),
          rejectUnauthorized: secure.rejectUnauthorized !== false,
        })
      : netConnect(target)
  socket.setNoDelay(true)
  return socket
}

function controls(
  socket: WebSocket,
  raw: Socket | undefined,
  selected: { readonly subprotocol: string; readonly extensions: string },
): WebSocketControls {
  return {
    ...selected,
    pinged: new Promise((resolve) => {
      socket.once('ping', () => {
        resolve()
      })
    }),
    writeFrame: ({ opcode, fin, payload }) => {
      raw?.write(maskedFrame(opcode, fin, payload))
    },
    ping: (payload) =>
      new Promise((resolve) => {
        const onPong = (data: Buffer) => {
          if (!data.equals(Buffer.from(payload))) return
          socket.off('pong', onPong)
          resolve()
        }
        socket.on('pong', onPong)
        socket.ping(payload)
      }),
  }
}

/** Lets everything that is sent before the event loop goes on leave in one write. */
function coalesce(raw: Socket): void {
  if (raw.writableCorked > 0) return
  raw.cork()
  process.nextTick(() => {
    raw.uncork()
  })
}

/** One client-to-server frame: RFC 6455, section 5.2. */
function maskedFrame(opcode: number, fin: boolean, payload: Uint8Array): Buffer {
  const length = payload.length
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + size)
  head[0] = (fin ? 0x80 : 0) | opcode
  head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127)
  if (size === 2) head.writeUInt16BE(length, 2)
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2)
  const mask = randomBytes(4)
  const body = Buffer.from(payload)
  for (let index = 0; index < length; index += 1) body[index] = (body[index] ?? 0) ^ (mask[index % 4] ?? 0)
  return Buffer.concat([head, mask, body])
}

function httpProblem(url: URL, response: IncomingMessage): ConnectError {
  const status = response.statusCode ?? 0
  const kind = response.headers['content-type'] ?? 'no content type'
  const hint =
    status === 404
      ? 'Check the path'
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

function connectProblem(url: URL, error: Error): ConnectError {
  const inner = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : ''
  const message = `${code} ${inner.message}`.trim()
  const because = (problem: ConnectError['problem'], text: string) =>
    new ConnectError(problem, text, { cause: error })
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return because('dns', `No address is known for the host "${url.hostname}": check its spelling`)
  if (code === 'ECONNREFUSED')
    return because('refused', `Nothing listens at ${url.host}: start the server, or check host and port`)
  if (/wrong.version.number|packet length too long|http request/i.test(message))
    return because('tls', `${url.host} does not speak TLS: use ws:// instead of wss://`)
  if (tlsCodes.test(code) || tlsCodes.test(inner.message))
    return because(
      'tls',
      `The TLS certificate of ${url.host} is not trusted (${message}): ` +
        'set NODE_EXTRA_CA_CERTS to the file of its authority, or pass --insecure to accept any certificate',
    )
  if (code === 'ETIMEDOUT') return because('timeout', `${url.host} does not answer: check host and port`)
  if (
    /Unexpected server response|Invalid (WebSocket|Sec-WebSocket|Upgrade)|Server sent|Parse Error/i.test(
      inner.message,
    )
  )
    return because(
      'not-this-binding',
      `${shownUrl(url)} does not answer as a WebSocket server: ${inner.message}`,
    )
  return because('network', `Cannot connect to ${shownUrl(url)}: ${message || 'the connection was cut'}`)
}
