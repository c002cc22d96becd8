import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import WebSocket, { WebSocketServer } from 'ws'

/** A parsed frame on its way; `undefined` members are those that the frame does not have. */
export type Frame = Readonly<Record<string, unknown>>

/** One connection of the kit through the middleman, with a place for a rule's own notes. */
export interface Passage {
  /** Number of the connection, from 1, in the order of opening. */
  readonly number: number
  /** Notes of the rules, kept for the life of the connection. */
  readonly notes: Map<string, unknown>
  /** Peer id from its `welcome`; empty before. */
  peer: string
  /** Bytes for the kit that its connection has not taken yet. */
  readonly unsentBytes: number
  /** Resolves when the kit has read what was sent to it, or its connection has ended: it has answered a ping of the binding. */
  readonly hasRead: () => Promise<void>
  /** Sends a frame to the kit, out of turn and past the rules. */
  toClient(frame: Frame | string): void
  /** Sends a frame to the server, out of turn and past the rules. */
  toServer(frame: Frame | string): void
  /** Ends both sides: with a close code, or without a word. */
  end(code?: number, reason?: string): void
}

/**
 * What becomes of a frame: `true` passes it on as it came, `false` drops it, a frame or text replaces it, a list replaces it by several. A
 * promise delays it, and all that follows it in the same direction.
 */
export type Passed = boolean | Frame | string | readonly (Frame | string)[]

/** Looks at a frame; `text` is as it came, `frame` is empty when that is no JSON object. */
export type Rule = (frame: Frame, passage: Passage, text: string) => Passed | Promise<Passed>

/** The rules of a middleman. */
export interface MiddlemanRules {
  /** Frames of the kit. */
  readonly toServer?: Rule
  /** Frames of the server. */
  readonly toClient?: Rule
  /** Told when a connection of the kit has opened. */
  readonly onClientBegin?: (passage: Passage) => void
  /** Told when a connection of the kit has ended, and with which close code (1006: none); return false to keep the server's side open. */
  readonly onClientEnd?: (passage: Passage, code: number) => boolean
  /** All live connections, for rules that send to others. Filled by the middleman. */
  readonly passages?: Set<Passage>
  /** What the middleman itself does with the WebSocket below. */
  readonly binding?: {
    /** Subprotocol to select; by default the server's own choice is kept. */
    readonly selectSubprotocol?: (offered: ReadonlySet<string>) => string | false
    /** Sends messages as binary. */
    readonly binary?: boolean
    /** Answers no WebSocket pings. */
    readonly noPong?: boolean
    /** Passes binary messages on to the server as text. */
    readonly acceptBinary?: boolean
    /** Close code that the kit sees instead of the server's; 0 for a plain end. */
    readonly closeCode?: (code: number) => number
  }
}

/** A running middleman. */
export interface Middleman extends AsyncDisposable {
  readonly url: string
}

/** Starts a man in the middle on a free port, in front of a server. */
export async function startMiddleman(target: string, rules: MiddlemanRules): Promise<Middleman> {
  const http = createServer()
  const { binding = {} } = rules
  const server = new WebSocketServer({
    server: http,
    maxPayload: 64 * 1024 * 1024,
    autoPong: !binding.noPong,
    handleProtocols: (offered) =>
      (binding.selectSubprotocol ?? ((set) => (set.has('parley.v1') ? 'parley.v1' : false)))(offered),
  })
  let count = 0
  server.on('connection', (client: WebSocket, _request: IncomingMessage) => {
    count += 1
    connect(client, target, rules, count)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${String(port)}/`,
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate()
      server.close()
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

function connect(client: WebSocket, target: string, rules: MiddlemanRules, number: number): void {
  const { binding = {} } = rules
  const upstream = new WebSocket(target, 'parley.v1', {
    perMessageDeflate: false,
    maxPayload: 64 * 1024 * 1024,
  })
  const opened = once(upstream, 'open').catch(() => undefined)
  const write = (socket: WebSocket, frame: Frame | string) => {
    if (socket.readyState !== WebSocket.OPEN) return
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame)
    socket.send(text, { binary: socket === client && binding.binary === true })
  }
  const passage: Passage = {
    number,
    notes: new Map(),
    peer: '',
    get unsentBytes() {
      return client.bufferedAmount
    },
    hasRead: () =>
      new Promise((resolve) => {
        const done = () => {
          resolve()
        }
        client.once('pong', done).once('close', done)
        if (client.readyState === WebSocket.OPEN) client.ping()
        else done()
      }),
    toClient: (frame) => {
      write(client, frame)
    },
    toServer: (frame) => {
      write(upstream, frame)
    },
    end: (code, reason) => {
      if (code === undefined) client.terminate()
      else client.close(code, reason)
      upstream.terminate()
    },
  }
  rules.passages?.add(passage)
  rules.onClientBegin?.(passage)
  const lane = (rule: Rule | undefined, socket: WebSocket) => {
    // One frame after another, so that a delayed one delays what follows it.
    let previous: Promise<unknown> = opened
    return (text: string) => {
      previous = previous.then(async () => {
        const frame = parse(text)
        if (socket === client && frame['type'] === 'welcome') passage.peer = String(frame['peer'])
        for (const each of await applied(rule, frame, passage, text)) write(socket, each)
      })
      return previous
    }
  }
  const up = lane(rules.toServer, upstream)
  const down = lane(rules.toClient, client)
  let downDone: Promise<unknown> = opened
  client.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary && !binding.acceptBinary)
      void opened.then(() => {
        upstream.send(data, { binary: true })
      })
    else void up(data.toString('utf8'))
  })
  upstream.on('message', (data: Buffer) => {
    downDone = down(data.toString('utf8'))
  })
  client.on('error', () => undefined)
  upstream.on('error', () => undefined)
  client.on('close', (code) => {
    rules.passages?.delete(passage)
    if (rules.onClientEnd?.(passage, code) === false) return
    if (code === 1000 || code === 1005) upstream.close()
    else upstream.terminate()
  })
  upstream.on('close', (code, reason) => {
    void downDone.then(() => {
      const shown = binding.closeCode ? binding.closeCode(code) : code
      if (shown === 0 || shown === 1005 || shown === 1006) client.terminate()
      else if (client.readyState === WebSocket.OPEN) client.close(shown, reason)
    })
  })
}

/** What a rule makes of a frame, as texts. A frame nested too deep to be looked at passes as it came. */
async function applied(
  rule: Rule | undefined,
  frame: Frame,
  passage: Passage,
  text: string,
): Promise<readonly string[]> {
  try {
    const passed = rule ? await rule(frame, passage, text) : true
    if (passed === false) return []
    const out =
      passed === true
        ? [text]
        : Array.isArray(passed)
          ? (passed as (Frame | string)[])
          : [passed as Frame | string]
    return out.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
  } catch (error) {
    if (error instanceof RangeError) return [text]
    throw error
  }
}

function parse(text: string): Frame {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Frame) : {}
  } catch {
    return {}
  }
}
