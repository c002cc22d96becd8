import { createHmac, randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  addressOf,
  isSignedBy,
  readStun,
  stunTypes,
  writeAddress,
  writeStun,
  writeUInt32,
  type LongTermKey,
  type StunMessage,
} from '@parley/conformance/turn'

/** A TURN server of the self-test's own. */
export interface MiniTurn extends AsyncDisposable {
  /** URL for clients. */
  readonly url: string
}

/** A relay that was given to a client. */
interface Allocation {
  readonly relay: Socket
  /** `host:port` by channel number, and the other way round. */
  readonly peers: Map<number, string>
  readonly channels: Map<string, number>
}

const realm = 'mini'
const lifetimeSeconds = 600

/**
 * Relays UDP on the loopback for who has credentials of the TURN REST API (RFC 8656; no IPv6, no TCP, every peer permitted): so that the kit's own
 * tests need no TURN server to be installed. That real ones are understood is shown with coturn.
 */
export async function startMiniTurn(secret: string): Promise<MiniTurn> {
  const socket = createSocket('udp4')
  const allocations = new Map<string, Allocation>()
  const nonce = randomBytes(8).toString('hex')
  socket.on('message', (bytes, from) => {
    const first = bytes[0] ?? 0
    const allocation = allocations.get(keyOf(from))
    if (first >= 0x40) {
      const peer = allocation?.peers.get(bytes.readUInt16BE(0))
      if (peer !== undefined) sendTo(allocation?.relay, bytes.subarray(4, 4 + bytes.readUInt16BE(2)), peer)
      return
    }
    const message = readStun(bytes)
    if (message !== undefined) void handle(bytes, message, from)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))

  const answer = (
    { address, port }: RemoteInfo,
    { transaction }: StunMessage,
    type: number,
    attributes: Parameters<typeof writeStun>[2],
    key?: LongTermKey,
  ) => {
    socket.send(writeStun(type, transaction, attributes, key), port, address)
  }

  async function handle(bytes: Buffer, message: StunMessage, from: RemoteInfo): Promise<void> {
    const { type, attributes } = message
    if (type === stunTypes.bindingRequest) {
      const xorMappedAddress = writeAddress(from.address, from.port)
      answer(from, message, stunTypes.bindingSuccess, { xorMappedAddress })
      return
    }
    const own = allocations.get(keyOf(from))
    if (type === stunTypes.sendIndication) {
      const peer = addressOf(message, attributes.xorPeerAddress)
      if (peer !== undefined && attributes.data !== undefined) sendTo(own?.relay, attributes.data, peer)
      return
    }
    const key = keyFor(attributes.username?.toString() ?? '', secret)
    if (key === undefined || !isSignedBy(bytes, key)) {
      const errorCode = Buffer.from('\0\0\x04\x01Unauthorized')
      // The class of an error stands in two bits of the type: RFC 8489, section 5.
      answer(from, message, type | 0x0110, { errorCode, realm, nonce })
      return
    }
    if (type === stunTypes.allocateRequest) {
      const { relay } = own ?? (await allocate(from))
      const { port } = relay.address()
      const given = {
        xorRelayedAddress: writeAddress('127.0.0.1', port),
        xorMappedAddress: writeAddress(from.address, from.port),
        lifetime: writeUInt32(lifetimeSeconds),
      }
      answer(from, message, stunTypes.allocateSuccess, given, key)
    } else if (type === stunTypes.refreshRequest) {
      const seconds = attributes.lifetime?.readUInt32BE() ?? lifetimeSeconds
      if (seconds === 0) free(keyOf(from))
      answer(from, message, stunTypes.refreshSuccess, { lifetime: writeUInt32(seconds) }, key)
    } else if (type === stunTypes.createPermissionRequest) {
      answer(from, message, stunTypes.createPermissionSuccess, {}, key)
    } else if (type === stunTypes.channelBindRequest) {
      const peer = addressOf(message, attributes.xorPeerAddress)
      const channel = attributes.channelNumber?.readUInt16BE()
      if (peer !== undefined && channel !== undefined) {
        own?.peers.set(channel, peer)
        own?.channels.set(peer, channel)
      }
      answer(from, message, stunTypes.channelBindSuccess, {}, key)
    }
  }

  async function allocate(from: RemoteInfo): Promise<Allocation> {
    const relay = createSocket('udp4')
    const allocation: Allocation = { relay, peers: new Map(), channels: new Map() }
    allocations.set(keyOf(from), allocation)
    relay.on('message', (data, peer) => {
      const channel = allocation.channels.get(keyOf(peer))
      socket.send(
        channel === undefined ? indication(data, peer) : channelData(channel, data),
        from.port,
        from.address,
      )
    })
    relay.bind(0, '127.0.0.1')
    await once(relay, 'listening')
    return allocation
  }

  const free = (key: string) => {
    allocations.get(key)?.relay.close()
    allocations.delete(key)
  }

  return {
    url: `turn:127.0.0.1:${String(socket.address().port)}?transport=udp`,
    async [Symbol.asyncDispose]() {
      for (const key of [...allocations.keys()]) free(key)
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
}

function keyOf({ address, port }: Pick<RemoteInfo, 'address' | 'port'>): string {
  return `${address}:${String(port)}`
}

function sendTo(relay: Socket | undefined, data: Buffer, peer: string): void {
  const [address = '', port = ''] = peer.split(':')
  relay?.send(data, Number(port), address)
}

/** The key of a username that has not ended. */
function keyFor(username: string, secret: string): LongTermKey | undefined {
  if (!(Number(username.split(':')[0]) * 1000 > Date.now())) return undefined
  return { username, realm, credential: createHmac('sha1', secret).update(username).digest('base64') }
}

function indication(data: Buffer, { address, port }: RemoteInfo): Buffer {
  return writeStun(stunTypes.dataIndication, randomBytes(12), {
    xorPeerAddress: writeAddress(address, port),
    data,
  })
}

function channelData(channel: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(channel, 0)
  head.writeUInt16BE(data.length, 2)
  return Buffer.concat([head, data])
}
