import { once } from 'node:events'
import {
  CallEndpoint,
  type CallMessage,
  type DeliveredCallMessage,
  type PeerConnection,
  type Peers,
} from '@parley/conformance'
import { checkServerMessageInCalls, subprotocol } from '@parley/schemas'
import { WebSocket } from 'ws'

/** A frame of the server. */
export type Told = Readonly<Record<string, unknown>>

/** Somebody with real peers who is rung, and rings. */
export interface CallParty extends AsyncDisposable {
  readonly peer: string
  readonly calls: CallEndpoint
  /** Sends a message as it is. */
  say(message: object): void
  /** Takes the next message of a type out of what has come, waiting for it if need be. */
  next(type: string): Promise<Told>
}

/** Stands for the room that a call made by `invite` has not: the kit's calls are told apart by one. */
const noRoom = 'calls'

/** Opens a channel and sends both kinds of media. */
async function withMedia(peer: PeerConnection): Promise<void> {
  await peer.createDataChannel('data')
  await peer.addTrack('audio')
  await peer.addTrack('video')
}

/** How every call of a party is set up. */
export const media = { setup: withMedia }

/** Connects with `calls` in force, authenticates, and enters a room that the others are in. */
export async function connectParty(
  url: string,
  token: string,
  peers: Peers,
  drawCallId: () => string,
): Promise<CallParty> {
  const socket = new WebSocket(url, [subprotocol])
  const waiting: Told[] = []
  const come = new EventTarget()
  const say = (message: object) => {
    socket.send(JSON.stringify(message))
  }
  const send = ({ room: _room, ...message }: CallMessage) => {
    say(message)
  }
  const calls = new CallEndpoint({
    room: noRoom,
    peers,
    signaling: { send },
    incoming: () => media,
    drawCallId,
  })
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString()) as Told
    const verdict = checkServerMessageInCalls(message)
    if (!verdict.ok) throw new Error(`The server has sent an invalid frame: ${verdict.detail}`)
    if ('from' in message) calls.receive({ ...message, room: noRoom } as unknown as DeliveredCallMessage)
    else waiting.push(message)
    come.dispatchEvent(new Event('frame'))
  })
  const next = async (type: string): Promise<Told> => {
    for (;;) {
      const index = waiting.findIndex((message) => message['type'] === type)
      if (index !== -1) return waiting.splice(index, 1)[0] ?? {}
      await once(come, 'frame')
    }
  }
  await once(socket, 'open')
  say({ type: 'hello', versions: [1], capabilities: { calls: {} } })
  say({ type: 'auth', method: 'token', token })
  say({ type: 'join', room: 'parley-calls' })
  const welcome = await next('welcome')
  await next('joined')
  return {
    peer: String(welcome['peer']),
    calls,
    say,
    next,
    async [Symbol.asyncDispose]() {
      await calls[Symbol.asyncDispose]()
      socket.close()
    },
  }
}
