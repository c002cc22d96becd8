import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { TestClient, TestClock, type Received } from '../client.test.support.ts'
import { createServer, type Seams, type ServerOptions } from '../server.ts'

/** A client with `calls` in force, perhaps authenticated. */
export type Caller = TestClient & { readonly peer: string; readonly session: string }

/** A server with `calls`, on a clock that is turned by hand, and clients of it. */
export interface CallScene {
  readonly clock: TestClock
  readonly url: string
  /** Connects, authenticates as the user, and enters the room `lobby` unless told otherwise. */
  readonly client: (user?: string, room?: string) => Promise<Caller>
}

/** Draws a call id. */
export function drawCall(): string {
  return randomBytes(16).toString('hex')
}

/** Users that the server of a scene knows; their tokens are their names. */
const users = ['ada', 'ben', 'cas']

/** Opens a server that ends with the test. */
export async function openScene(options: ServerOptions = {}, seams: Seams = {}): Promise<CallScene> {
  const clock = new TestClock()
  const tokens = users.map((user) => ({ token: user, user }))
  const server = createServer({ tokens, ...options }, { clock, ...seams })
  onTestFinished(() => server.close())
  const { url } = await server.listen()
  return {
    clock,
    url,
    client: async (user, room = 'lobby') => {
      const client = await TestClient.greeted(url, { calls: {} })
      if (user !== undefined) {
        client.send({ type: 'auth', method: 'token', token: user })
        await client.next('authenticated')
      }
      if (room === '') return client
      client.send({ type: 'join', room })
      await client.next('joined')
      return client
    },
  }
}

/** Sends a message with an `id`, and returns its outcome. */
export async function ask(client: TestClient, message: object): Promise<Received> {
  client.send({ id: 'asked', ...message })
  return client.next('ok', 'error')
}

/** Rings a user or a peer; returns the call and the outcome. */
export async function invite(
  client: TestClient,
  callee: object,
  members: object = {},
): Promise<{ readonly call: string; readonly outcome: Received }> {
  const call = drawCall()
  const outcome = await ask(client, { type: 'invite', call, callee, ...members })
  return { call, outcome }
}

/** Rings a user on its clients, and waits until it rings there. */
export async function ring(
  caller: TestClient,
  callee: object,
  endpoints: readonly TestClient[],
  members: object = {},
): Promise<string> {
  const { call } = await invite(caller, callee, members)
  for (const endpoint of endpoints) await endpoint.next('invite')
  return call
}

/** A call that has been taken. */
export async function talk(caller: Caller, callee: Caller): Promise<string> {
  const call = await ring(caller, { peer: callee.peer }, [callee])
  await ask(callee, { type: 'accept', call })
  await caller.next('accept')
  return call
}

/** What a client has got of calls, and has not been asked for, once everything has been handled. */
export async function unread(client: TestClient): Promise<readonly Received[]> {
  await client.settled()
  return client.received.filter(({ type }) => !['peer-joined', 'peer-left'].includes(type as string))
}
