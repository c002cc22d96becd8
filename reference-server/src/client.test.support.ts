import { once } from 'node:events'
import { checkServerMessage, checkServerMessageInCalls, subprotocol } from '@parley/schemas'
import { WebSocket } from 'ws'
import type { Clock } from './clock.ts'

/** A message as it came; tests look at what they need. */
export type Received = Readonly<Record<string, unknown>>

/** A client that says what it is told to, and checks every frame that it gets. */
export class TestClient {
  readonly received: Received[] = []
  readonly webSocket: WebSocket
  /** Settles with the close code. */
  readonly closed: Promise<number>
  readonly #waiting = new Set<() => void>()
  #inCalls = false
  #isNumbered = false

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket
    this.closed = new Promise((resolve) => webSocket.on('close', resolve))
    webSocket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as Received
      if (message['type'] === 'welcome') {
        this.#inCalls = 'calls' in (message['capabilities'] as object)
        this.#isNumbered = 'resume' in (message['capabilities'] as object)
      }
      const judged = this.#isNumbered && message['seq'] !== undefined ? withoutNumbers(message) : message
      const verdict = this.#inCalls ? checkServerMessageInCalls(judged) : checkServerMessage(judged)
      if (!verdict.ok) throw new Error(`The server has sent an invalid frame: ${verdict.detail}`)
      this.received.push(message)
      for (const look of this.#waiting) look()
    })
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<TestClient> {
    const webSocket = new WebSocket(url, [subprotocol], { headers })
    const client = new TestClient(webSocket)
    await once(webSocket, 'open')
    return client
  }

  /** Opens a connection and says hello. */
  static async greeted(
    url: string,
    capabilities?: Readonly<Record<string, object>>,
  ): Promise<TestClient & { readonly peer: string; readonly session: string }> {
    const client = await TestClient.open(url)
    client.send({ type: 'hello', versions: [1], ...(capabilities ? { capabilities } : {}) })
    const { peer, session } = await client.next('welcome')
    return Object.assign(client, { peer: peer as string, session: session as string })
  }

  send(message: object | string): void {
    this.webSocket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** Takes the next message of one of these types out of what was received, also when it came before. */
  next(...types: string[]): Promise<Received> {
    return new Promise((resolve) => {
      const look = () => {
        const index = this.received.findIndex(({ type }) => types.includes(type as string))
        if (index === -1) return
        this.#waiting.delete(look)
        resolve(this.received.splice(index, 1)[0] ?? {})
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** Settles when the server has answered a ping of the binding: it has taken the connection over. */
  async settledByBinding(): Promise<void> {
    this.webSocket.ping()
    await once(this.webSocket, 'pong')
  }

  /** Settles when everything that was sent before has been handled. */
  async settled(): Promise<void> {
    this.send({ type: 'ping' })
    await this.next('pong')
  }
}

function withoutNumbers({ seq: _seq, ack: _ack, ...rest }: Received): Received {
  return rest
}

/** A clock that is turned by hand. */
export class TestClock implements Clock {
  #now = 1_000_000
  readonly #tasks = new Set<{ at: number; readonly every: number | undefined; readonly task: () => void }>()

  now = (): number => this.#now

  after(ms: number, task: () => void): () => void {
    return this.#plan({ at: this.#now + ms, every: undefined, task })
  }

  every(ms: number, task: () => void): () => void {
    return this.#plan({ at: this.#now + ms, every: ms, task })
  }

  /** Lets time pass, and what falls into it happen in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#tasks].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)
      if (next === undefined) break
      this.#now = next.at
      if (next.every === undefined) this.#tasks.delete(next)
      else next.at += next.every
      next.task()
    }
    this.#now = end
  }

  #plan(entry: { at: number; readonly every: number | undefined; readonly task: () => void }): () => void {
    this.#tasks.add(entry)
    return () => {
      this.#tasks.delete(entry)
    }
  }
}
