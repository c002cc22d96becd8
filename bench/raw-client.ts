import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/**
 * A WebSocket client that does next to nothing, so that the server and not the client is measured: frames are masked in
 * advance, and of what arrives only the frames are counted.
 */
export class RawClient {
  /** Called with the number of frames that have arrived. */
  onFrames: (count: number) => void = () => undefined
  /** Called with each text while it is set; costs time. */
  onText: ((text: string) => void) | undefined
  readonly socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #skip = 0

  private constructor(socket: Socket) {
    this.socket = socket
  }

  /** Connects to a `ws:` URL on loopback. */
  static async open(url: string): Promise<RawClient> {
    const { hostname, port, pathname, search } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const client = new RawClient(socket)
    socket.write(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
    await new Promise<void>((resolve, reject) => {
      let head = ''
      const read = (chunk: Buffer) => {
        head += chunk.toString('latin1')
        if (!head.includes('\r\n\r\n')) return
        socket.off('data', read)
        if (!head.startsWith('HTTP/1.1 101')) reject(new Error(head))
        socket.on('data', (data: Buffer) => {
          client.#read(data)
        })
        resolve()
      }
      socket.on('data', read)
      socket.on('error', reject)
    })
    return client
  }

  /** Sends one text. */
  send(message: object): void {
    this.socket.write(maskedFrame(JSON.stringify(message)))
  }

  /** The next message for which `accept` holds. */
  next(accept: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    return new Promise((resolve) => {
      this.onText = (text) => {
        const message = JSON.parse(text) as Record<string, unknown>
        if (!accept(message)) return
        this.onText = undefined
        resolve(message)
      }
    })
  }

  #read(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = Math.min(this.#skip, data.length)
    this.#skip -= at
    let frames = 0
    while (this.#skip === 0) {
      const left = data.length - at
      if (left < 2) break
      const short = (data[at + 1] ?? 0) & 0x7f
      const head = short < 126 ? 2 : short === 126 ? 4 : 10
      if (left < head) break
      const length =
        short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : data.readUInt32BE(at + 6)
      if (this.onText !== undefined) {
        if (left < head + length) break
        this.onText(data.toString('utf8', at + head, at + head + length))
      }
      if (((data[at] ?? 0) & 0x0f) === 1) frames += 1
      const end = at + head + length
      this.#skip = Math.max(0, end - data.length)
      at = Math.min(end, data.length)
    }
    data = data.subarray(at)
    this.#rest = data
    if (frames > 0) this.onFrames(frames)
  }
}

/** One masked text frame. */
export function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const mask = randomBytes(4)
  const head =
    payload.length < 126 ? Buffer.alloc(2) : payload.length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10)
  head[0] = 0x81
  if (head.length === 2) head[1] = 0x80 | payload.length
  else if (head.length === 4) {
    head[1] = 0x80 | 126
    head.writeUInt16BE(payload.length, 2)
  } else {
    head[1] = 0x80 | 127
    head.writeUInt32BE(payload.length, 6)
  }
  for (let index = 0; index < payload.length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0)
  }
  return Buffer.concat([head, mask, payload])
}
