import { once } from 'node:events'
import { subprotocol, type IceServer, type ServerMessage } from '@parley/schemas'
import { WebSocket } from 'ws'
import {
  CallEndpoint,
  createPeers,
  type CallOptions,
  type DeliveredCallMessage,
  type RTCIceServer,
} from '@parley/conformance'

/** Somebody in a room, with peers that use relays alone. */
export interface Caller extends AsyncDisposable {
  readonly peer: string
  readonly calls: CallEndpoint
  /** The servers that came last. */
  servers(): readonly IceServer[]
  /** How its calls are opened, with the servers that came last. */
  options(): CallOptions
  /** Resolves when `ice-servers` has come so many times. */
  given(times: number): Promise<void>
}

/** How somebody calls. */
export interface CallerOptions extends Pick<CallOptions, 'setup'> {
  /** Whether the peers use relays, and nothing else; otherwise they know no server. */
  readonly relay?: boolean
}

/**
 * Connects to a server, asks for ICE servers, and enters a room.
 *
 * @param launcher - Gives its peers a network of their own.
 */
export async function openCaller(
  url: string,
  room: string,
  launcher: readonly string[],
  { setup, relay = true }: CallerOptions = {},
): Promise<Caller> {
  const webSocket = new WebSocket(url, [subprotocol])
  const pool = createPeers('wrtc', { launcher })
  const gifts: (readonly IceServer[])[] = []
  const waiting = new Set<() => void>()
  const servers = () => gifts.at(-1) ?? []
  const options = (): CallOptions => ({
    ...(setup && { setup }),
    ...(relay && { peer: { iceServers: servers().map(asW3C), iceTransportPolicy: 'relay' } }),
  })
  const send = (message: object) => {
    webSocket.send(JSON.stringify(message))
  }
  const calls = new CallEndpoint({ room, peers: pool, signaling: { send }, incoming: options })
  let peer = ''
  webSocket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString()) as ServerMessage
    if (message.type === 'welcome') peer = message.peer
    else if (message.type === 'ice-servers') gifts.push(message.iceServers)
    else if (message.type === 'peer-left') calls.peerLeft(message.peer)
    else if (message.type === 'error') throw new Error(`The server has refused: ${message.message}`)
    else if (isOfCall(message)) calls.receive(message)
    for (const look of waiting) look()
  })
  const given = (times: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (gifts.length < times) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  await once(webSocket, 'open')
  send({ type: 'hello', versions: [1], capabilities: { 'ice-servers': {} } })
  send({ type: 'get-ice-servers' })
  send({ type: 'join', room })
  await given(1)
  return {
    peer,
    calls,
    servers,
    options,
    given,
    async [Symbol.asyncDispose]() {
      await calls[Symbol.asyncDispose]()
      webSocket.terminate()
      await pool[Symbol.asyncDispose]()
    },
  }
}

/** As a peer takes them: `setConfiguration` and the constructor want plain objects. */
export function asW3C(server: IceServer): RTCIceServer {
  return 'username' in server ? { ...server } : { urls: server.urls }
}

/** An error repeats `call` and is none. */
function isOfCall(message: ServerMessage): message is DeliveredCallMessage {
  return 'call' in message && 'from' in message
}
