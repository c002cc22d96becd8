import { randomBytes } from 'node:crypto'
import type { ClientRequestArgs, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import WebSocket, { type ClientOptions } from 'ws'
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
import { connectProblem, httpProblem, timeoutProblem } from './connect-problem.ts'
import { openSocket } from './open-socket.ts'

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
    /** Where an attempt is that has not ended: still with the proxy, or at the target. */
    let waitsFor: 'proxy' | 'target' = options.proxy ? 'proxy' : 'target'
    let accepted = false
    const attempt = new AbortController()
    // Of `http`, which takes the connection by a callback too; the types of `ws` know only the other way.
    const dialer = (_args: ClientRequestArgs, done: (error: Error | null, stream?: Duplex) => void) => {
      const opened = openSocket(url, options, attempt.signal, () => {
        waitsFor = 'target'
        accepted = true
      })
      opened.then((stream) => {
        raw = stream
        done(null, stream)
      }, done)
    }
    const socket = new WebSocket(url, [...(options.subprotocols ?? [subprotocol])], {
      perMessageDeflate: false,
      autoPong: options.answerPings ?? true,
      maxPayload: 64 * 1024 * 1024,
      ...unlimited,
      headers: options.headers ?? {},
      createConnection: dialer as unknown as ClientOptions['createConnection'],
    })
    const timer = setTimeout(() => {
      fail(timeoutProblem(url, options, waitsFor, accepted))
      socket.terminate()
    }, options.timeoutMs)
    const giveUp = () => {
      fail(new ConnectError('network', `The run was ended while it connected to ${url.host}`))
      socket.terminate()
    }
    options.signal?.addEventListener('abort', giveUp)
    if (options.signal?.aborted) process.nextTick(giveUp)
    const fail = (error: ConnectError) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', giveUp)
      if (settled) return
      settled = true
      attempt.abort()
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
      fail(error instanceof ConnectError ? error : connectProblem(url, error))
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
      options.signal?.removeEventListener('abort', giveUp)
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
        close: (code = 1000) => {
          byUs = true
          socket.close(code)
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
