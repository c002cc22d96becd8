import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { subprotocol, type StandardCloseCode } from '@parley/schemas'
import { WebSocket, WebSocketServer, type Server } from 'ws'
import { Connection } from './connection.ts'
import type { Frame } from './frame.ts'
import type { Engine } from './handler.ts'
import type { Transport } from './transport.ts'
import { flushAfterTurn, type Flushable } from './turn.ts'
import { writeTextFrames } from './websocket-frame.ts'

/**
 * A message may be this many times too large and still be answered with `too-large`; beyond that the connection ends
 * with 1009.
 */
const answeredExcess = 2

/** Milliseconds that the other side has to answer a close frame; the type of `ws` does not list the option. */
const patience = { closeTimeout: 3000 }

const binaryClosure: StandardCloseCode = 1003

/** Turns sockets into connections: Parley over RFC 6455. */
export class WebSocketBinding {
  /** The live connections. */
  readonly links = new Set<WebSocketLink>()

  readonly #engine: Engine
  readonly #sockets: Server<typeof FlushingWebSocket>
  readonly #whenEmpty: (() => void)[] = []

  constructor(engine: Engine) {
    this.#engine = engine
    this.#sockets = new WebSocketServer({
      ...patience,
      WebSocket: FlushingWebSocket,
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false, // websocket.no-compression
      autoPong: false,
      maxPayload: engine.options.messageBytes * answeredExcess,
      // websocket.subprotocol, websocket.no-subprotocol
      handleProtocols: (offered) => offered.has(subprotocol) && subprotocol,
    })
  }

  /**
   * Takes over a socket on which a client asks for a WebSocket.
   *
   * @param socket - The socket of the `upgrade` event.
   * @param head - The bytes that followed the request.
   * @param address - Who it comes from, as far as limits go.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): void {
    if (!isSocket(socket)) throw new TypeError('The socket of an upgrade has to be one of node:net')
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const link = new WebSocketLink(webSocket, socket, address, this.#engine)
      this.links.add(link)
      webSocket.on('close', () => {
        this.links.delete(link)
        if (this.links.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve()
      })
    })
  }

  /** Settles when no connection is left. */
  whenEmpty(): Promise<void> {
    if (this.links.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }
}

/** A WebSocket whose close frame, also one that `ws` sends by itself, comes after all that waits to be sent. */
class FlushingWebSocket extends WebSocket {
  link: Flushable | undefined

  override close(code?: number, reason?: string | Buffer): void {
    this.link?.flush()
    super.close(code, reason)
  }
}

/**
 * One WebSocket, and the connection that it carries.
 *
 * `ws` reads, and writes control frames. Texts are written here, straight to the socket: many at a time, which `ws` does not
 * do. The two do not get into each other's way because without compression `ws` writes at once.
 */
export class WebSocketLink implements Transport, Flushable {
  /** The conversation that it carries; none where that goes on elsewhere. */
  connection: Connection | undefined
  readonly address: string
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  #waiting: Frame[] = []
  #waitingBytes = 0

  constructor(webSocket: FlushingWebSocket, socket: Socket, address: string, engine: Engine) {
    this.address = address
    this.#webSocket = webSocket
    this.#socket = socket
    this.connection = new Connection(this, engine)
    webSocket.link = this
    webSocket.on('message', (data, isBinary) => {
      // websocket.binary, websocket.binary-code
      if (isBinary) this.connection?.breakOff(binaryClosure)
      else this.connection?.receive(data as Buffer) // the default `binaryType` gives a Buffer
    })
    webSocket.on('ping', (data) => {
      this.flush()
      webSocket.pong(data) // websocket.ping; ws sends none while it closes
      this.connection?.receiveControl()
    })
    webSocket.on('error', (cause) => {
      // websocket.utf8, websocket.utf8-code: ws has sent the close frame
      if (this.connection !== undefined) engine.journal.unreadable(this.connection.peer, cause.message)
      this.connection?.lose()
    })
    webSocket.on('close', () => {
      this.connection?.lose() // websocket.close
    })
  }

  /** Whether either side has begun to close. */
  get isClosing(): boolean {
    return this.#webSocket.readyState !== this.#webSocket.OPEN
  }

  get bufferedBytes(): number {
    return this.#waitingBytes + this.#socket.writableLength
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead
  }

  send(frame: Frame): void {
    if (this.#waiting.push(frame) === 1) flushAfterTurn(this)
    this.#waitingBytes += frame.length
  }

  flush(): void {
    if (this.#waiting.length === 0) return
    if (!this.isClosing) this.#socket.write(writeTextFrames(this.#waiting))
    this.#waiting.length = 0
    this.#waitingBytes = 0
  }

  ping(): void {
    this.#webSocket.ping()
  }

  pause(): void {
    this.#webSocket.pause()
  }

  resume(): void {
    this.#webSocket.resume()
  }

  handTo(connection: Connection | undefined): void {
    this.connection = connection
  }

  close(code: number): void {
    this.#webSocket.close(code)
  }

  /** Ends the socket without more ado. */
  terminate(): void {
    this.#webSocket.terminate()
  }
}

/** The servers of node give a socket of `node:net` or `node:tls`, although their type promises less. */
function isSocket(stream: Duplex): stream is Socket {
  return 'bytesRead' in stream
}
