import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What has gone through a proxy, seen from outside: nothing of the protocol is known. */
export interface ProxyCount {
  /** Connections so far. */
  total: number
  /** Connections that the kit holds open now. */
  open: number
  /** Most that were open at the same time. */
  mostOpen: number
  /** Most that were waiting for the server's first word at the same time. */
  mostOpening: number
  /** Connections that the kit has ended in the orderly way of TCP. */
  orderly: number
  bytesToServer: number
  bytesToKit: number
}

/** A TCP proxy that counts. */
export interface CountingProxy extends AsyncDisposable {
  readonly url: string
  readonly count: Readonly<ProxyCount>
  /** Resolves as soon as something holds of the count. */
  until(condition: (count: Readonly<ProxyCount>) => boolean): Promise<void>
}

/**
 * Starts a TCP proxy in front of a server.
 *
 * @param url - The server's, with an explicit port.
 * @param isHeld - Which connections, from 1, are taken and get no further.
 */
export async function startCountingProxy(
  url: string,
  isHeld: (number: number) => boolean = () => false,
): Promise<CountingProxy> {
  const target = new URL(url)
  const count: ProxyCount = {
    total: 0,
    open: 0,
    mostOpen: 0,
    mostOpening: 0,
    orderly: 0,
    bytesToServer: 0,
    bytesToKit: 0,
  }
  const sockets = new Set<Socket>()
  const waiting = new Set<() => void>()
  const changed = () => {
    for (const wake of waiting) wake()
  }
  let opening = 0
  const proxy = createServer({ allowHalfOpen: true }, (near) => {
    if (isHeld(count.total + 1)) {
      count.total += 1
      sockets.add(near.resume().on('error', () => near.destroy()))
      return
    }
    const far = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true })
    count.total += 1
    count.open += 1
    opening += 1
    count.mostOpen = Math.max(count.mostOpen, count.open)
    count.mostOpening = Math.max(count.mostOpening, opening)
    let opened = false
    const nowOpened = () => {
      if (!opened) opening -= 1
      opened = true
    }
    near.on('data', (data: Buffer) => (count.bytesToServer += data.length))
    far.on('data', (data: Buffer) => {
      nowOpened()
      count.bytesToKit += data.length
    })
    near.on('end', () => (count.orderly += 1))
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    near.on('close', () => {
      nowOpened()
      count.open -= 1
      changed()
    })
    changed()
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const near = new URL(target)
  near.hostname = '127.0.0.1'
  near.port = String((proxy.address() as AddressInfo).port)
  return {
    url: near.href,
    count,
    until: (condition) =>
      new Promise((resolve) => {
        const wake = () => {
          if (!condition(count)) return
          waiting.delete(wake)
          resolve()
        }
        waiting.add(wake)
        wake()
      }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
