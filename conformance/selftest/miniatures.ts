import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type WebSocket from 'ws'
import { WebSocketServer } from 'ws'
import { startMiddleman } from './middleman.ts'
import { startReferenceServer, type RunningServer } from './running-server.ts'

/** What has to come of a run against a miniature: an exit code's name. */
export type Fate = 'unreachable' | 'non-conformant' | 'conformant'

/** A server with a single habit, to which no kit may give the wrong verdict. */
export interface Miniature {
  readonly name: string
  readonly fate: Fate
  readonly start: () => Promise<RunningServer>
}

type Habit = (socket: WebSocket) => void

const welcome = (id: unknown) => ({
  type: 'welcome',
  version: 1,
  peer: 'accept_everything_00000000',
  session: 'accept_everything_secret_0',
  capabilities: {},
  limits: { messageBytes: 65_536, idleSeconds: 120 },
  auth: [],
  ...(id === undefined ? {} : { ref: id }),
})

/** Answers `hello` as it should, and everything else by one rule. */
function afterWelcome(answer: (message: Record<string, unknown>) => object | undefined): Habit {
  return (socket) => {
    socket.on('message', (data: Buffer) => {
      const message = parse(data)
      const reply = message['type'] === 'hello' ? welcome(message['id']) : answer(message)
      if (reply) socket.send(JSON.stringify(reply))
    })
  }
}

/** The miniatures. */
export const miniatures: readonly Miniature[] = [
  habit('null: says nothing', 'unreachable', () => undefined),
  habit('close-at-once: ends every connection', 'unreachable', (socket) => {
    socket.close()
  }),
  habit('echo: sends every frame back', 'unreachable', (socket) => {
    socket.on('message', (data: Buffer) => {
      socket.send(data.toString('utf8'))
    })
  }),
  habit(
    'accept-everything: says ok to all',
    'non-conformant',
    afterWelcome(({ id }) => (id === undefined ? undefined : { type: 'ok', ref: id })),
  ),
  habit(
    'refuse-everything: says bad-message to all',
    'non-conformant',
    afterWelcome(({ id }) => ({
      type: 'error',
      code: 'bad-message',
      message: 'No',
      fatal: false,
      ...(id === undefined ? {} : { ref: id }),
    })),
  ),
  {
    name: 'slow: keeps every requirement, each answer late',
    fate: 'conformant',
    start: async () => {
      const server = await startReferenceServer()
      const middleman = await startMiddleman(server.url, { toClient: () => late(8) })
      return {
        url: middleman.url,
        tokens: server.tokens,
        [Symbol.asyncDispose]: async () => {
          await middleman[Symbol.asyncDispose]()
          await server[Symbol.asyncDispose]()
        },
      }
    },
  },
]

/** Passes a frame on after a while: slowness is this miniature's habit. */
function late(ms: number): Promise<true> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, true)
  })
}

function habit(name: string, fate: Fate, behave: Habit): Miniature {
  return {
    name,
    fate,
    start: async () => {
      const http = createServer()
      const server = new WebSocketServer({ server: http })
      server.on('connection', behave)
      http.listen(0, '127.0.0.1')
      await once(http, 'listening')
      const { port } = http.address() as AddressInfo
      return {
        url: `ws://127.0.0.1:${String(port)}/`,
        tokens: [],
        [Symbol.asyncDispose]: async () => {
          for (const client of server.clients) client.terminate()
          server.close()
          http.closeAllConnections()
          http.close()
          await once(http, 'close')
        },
      }
    },
  }
}

function parse(data: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
