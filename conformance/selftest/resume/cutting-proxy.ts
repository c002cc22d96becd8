import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What becomes of one connection. */
export interface Cut {
  /** Bytes that pass before it, in both directions together; `Infinity` for no cut. */
  readonly afterBytes: number
  /** Who notices: both sides, or the client alone, while the server's side stays open without a word. */
  readonly kind: 'both' | 'half-open'
}

/** A TCP proxy that breaks connections. */
export interface CuttingProxy extends AsyncDisposable {
  readonly url: string
  /** Cuts so far. */
  readonly cuts: number
}

/**
 * Starts a TCP proxy that breaks each connection at a byte, in the middle of a frame or not.
 *
 * @param url - The server's, with an explicit port.
 * @param draw - Says of each new connection where it breaks.
 */
export async function startCuttingProxy(url: string, draw: () => Cut): Promise<CuttingProxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let cuts = 0
  const server = createServer((near) => {
    const far = connect({ port: Number(target.port), host: target.hostname })
    const cut = draw()
    let left = cut.afterBytes
    let isCut = false
    const pass = (from: Socket, to: Socket) => {
      from.on('data', (bytes: Buffer) => {
        if (isCut) return
        to.write(bytes.subarray(0, left))
        left -= bytes.length
        if (left > 0) return
        isCut = true
        cuts += 1
        near.destroy()
        // What the server has been sent it may still read; of a half-open connection it hears nothing more.
        if (cut.kind === 'both') far.end(() => far.destroy())
      })
    }
    pass(near, far)
    pass(far, near)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        if (!isCut || socket === far) other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${String(port)}/`,
    get cuts() {
      return cuts
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
