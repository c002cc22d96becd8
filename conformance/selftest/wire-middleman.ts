import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { ServerRequirementId } from '@parley/conformance'
import type { Middleman } from './middleman.ts'
import type { Mutant, MutantOptions } from './mutant.ts'
import { startReferenceServer } from './running-server.ts'

/** One WebSocket frame on its way, unmasked. */
export interface WireFrame {
  readonly opcode: number
  readonly fin: boolean
  readonly payload: Buffer
}

/** One connection through the middleman. */
export interface Wire {
  /** Notes of the rules, kept for the life of the connection. */
  readonly notes: Map<string, unknown>
  /** Sends a frame to the kit, out of turn. */
  toClient(frame: WireFrame): void
  /** Cuts both sides. */
  cut(): void
}

/** What becomes of a frame: `true` passes it on, a list takes its place. */
export type WireRule = (frame: WireFrame, wire: Wire) => true | readonly WireFrame[]

/** What a man in the middle does below the messages: to the handshake, and to single WebSocket frames. */
export interface WireRules {
  /** Rewrites the head of the kit's HTTP request. */
  readonly request?: (head: string) => string
  /** Rewrites the head of the server's answer. */
  readonly response?: (head: string) => string
  readonly toServer?: WireRule
  readonly toClient?: WireRule
}

/** A fault below the messages, made by a man in the middle between the kit and the reference server. */
export function rewired(
  name: string,
  breaks: ServerRequirementId,
  rules: () => WireRules,
  options: MutantOptions = {},
): Mutant {
  const { server: serverOptions, seams, ...rest } = options
  return {
    name,
    breaks,
    way: 'middleman',
    ...rest,
    start: async () => {
      const server = await startReferenceServer(serverOptions, seams?.())
      const middleman = await startWireMiddleman(server.url, rules())
      return {
        url: middleman.url,
        tokens: server.tokens,
        [Symbol.asyncDispose]: async () => {
          await middleman[Symbol.asyncDispose]()
          await server[Symbol.asyncDispose]()
        },
      }
    },
  }
}

/** Starts a man in the middle that reads WebSocket frames. */
export async function startWireMiddleman(target: string, rules: WireRules): Promise<Middleman> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(new URL(target).port), host: '127.0.0.1', noDelay: true })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    splice(client, upstream, rules)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${String(port)}/`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function splice(
  client: Socket,
  upstream: Socket,
  { request, response, toServer, toClient }: WireRules,
): void {
  const wire: Wire = {
    notes: new Map(),
    toClient: (frame) => {
      client.write(written(frame, false))
    },
    cut: () => {
      client.destroy()
      upstream.destroy()
    },
  }
  pump(client, upstream, request, toServer, wire, true)
  pump(upstream, client, response, toClient, wire, false)
}

function pump(
  from: Socket,
  to: Socket,
  head: ((text: string) => string) | undefined,
  rule: WireRule | undefined,
  wire: Wire,
  masked: boolean,
): void {
  let pending = Buffer.alloc(0)
  let isOpen = false
  from.on('data', (data: Buffer) => {
    pending = Buffer.concat([pending, data])
    if (!isOpen) {
      const end = pending.indexOf('\r\n\r\n')
      if (end === -1) return
      const text = pending.subarray(0, end + 4).toString('latin1')
      to.write(head ? head(text) : text, 'latin1')
      pending = pending.subarray(end + 4)
      isOpen = true
    }
    for (let read = frameIn(pending); read; read = frameIn(pending)) {
      pending = pending.subarray(read.size)
      const passed = rule?.(read.frame, wire) ?? true
      for (const frame of passed === true ? [read.frame] : passed) to.write(written(frame, masked))
    }
  })
  from.on('end', () => to.end())
  from.on('close', () => to.destroy())
}

/** The first frame of some bytes, once it is complete: RFC 6455, section 5.2. */
function frameIn(bytes: Buffer): { readonly frame: WireFrame; readonly size: number } | undefined {
  if (bytes.length < 2) return undefined
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)]
  const short = second & 0x7f
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0
  const isMasked = (second & 0x80) !== 0
  const start = 2 + extra + (isMasked ? 4 : 0)
  if (bytes.length < start) return undefined
  const length = extra === 2 ? bytes.readUInt16BE(2) : extra === 8 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < start + length) return undefined
  const payload = Buffer.from(bytes.subarray(start, start + length))
  const mask = bytes.subarray(start - 4, start)
  if (isMasked)
    for (let at = 0; at < length; at += 1)
      payload.writeUInt8(payload.readUInt8(at) ^ mask.readUInt8(at % 4), at)
  return { frame: { opcode: first & 0x0f, fin: (first & 0x80) !== 0, payload }, size: start + length }
}

/** A frame as bytes; masked with zeros where it has to be masked. */
function written({ opcode, fin, payload }: WireFrame, masked: boolean): Buffer {
  const { length } = payload
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + extra + (masked ? 4 : 0))
  head.writeUInt8((fin ? 0x80 : 0) | opcode, 0)
  head.writeUInt8((masked ? 0x80 : 0) | (extra === 0 ? length : extra === 2 ? 126 : 127), 1)
  if (extra === 2) head.writeUInt16BE(length, 2)
  if (extra === 8) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}
