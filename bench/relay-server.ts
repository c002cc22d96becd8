/** A server in a process of its own: `relay-server.ts parley | bare | coalescing | json`. Talks to its parent by messages. */
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { createServer } from '@parley/reference-server'

const kind = process.argv[2] ?? 'parley'
const url = kind === 'parley' ? await parley() : await bare(kind)

process.on('message', (question) => {
  if (question === 'memory') {
    for (let round = 0; round < 4; round += 1) globalThis.gc?.()
    process.send?.(process.memoryUsage())
  } else {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuMicroseconds: user + system })
  }
})
process.on('disconnect', () => process.exit(0))
process.send?.({ url })

async function parley(): Promise<string> {
  const server = createServer({ ratePerSecond: 0, path: '/' })
  return (await server.listen()).url
}

interface Side {
  readonly webSocket: WebSocket
  readonly socket: Duplex
  other?: Side
}

/** Two connections to the same path are a pair; what one sends the other gets. Nothing is checked. */
async function bare(how: string): Promise<string> {
  const http = createHttpServer()
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false })
  const waiting = new Map<string, Side>()
  http.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const side: Side = { webSocket, socket }
      const first = waiting.get(request.url ?? '')
      if (first === undefined) waiting.set(request.url ?? '', side)
      else {
        side.other = first
        first.other = side
      }
      webSocket.on('message', (data, binary) => {
        if (side.other === undefined) return
        if (how === 'coalescing') cork(side.other.socket)
        if (how !== 'json') side.other.webSocket.send(data, { binary })
        else {
          const message = JSON.parse((data as Buffer).toString()) as object
          side.other.webSocket.send(JSON.stringify({ from: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg', ...message }))
        }
      })
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`
}

function cork(socket: Duplex): void {
  if (socket.writableCorked > 0) return
  socket.cork()
  setImmediate(() => {
    socket.uncork()
  })
}
