import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerRequest, type Pages } from './http.ts'
import type { Metrics } from './metrics.ts'

/** Serves `GET /metrics` on an address of its own, which clients need not reach; and the pages about the server's health. */
export class MetricsListener {
  readonly #host: string
  readonly #port: number
  readonly #server: Server

  /** @param address - `host:port`, an IPv6 address in brackets; port 0 is any free one. */
  constructor(address: string, pages: Pages, metrics: Metrics) {
    const colon = address.lastIndexOf(':')
    this.#host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
    this.#port = Number(address.slice(colon + 1))
    const page = async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() })
    this.#server = createServer(answerRequest(undefined, new Map([['/metrics', page], ...pages])))
  }

  /** @throws The error of `node:net` when the address is in use or may not be used. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, this.#host)
    await once(this.#server, 'listening')
  }

  /** URL of the metrics while it listens. */
  get url(): string | undefined {
    const address = this.#server.address() as AddressInfo | null
    if (address === null) return undefined
    const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
    return `http://${name}:${String(address.port)}/metrics`
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}
