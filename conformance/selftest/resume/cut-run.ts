import { createServer, type Seams } from '@parley/reference-server'
import WebSocket from 'ws'
import type { Frame } from '../middleman.ts'
import { deferred } from './deferred.ts'
import { startCuttingProxy, type Cut } from './cutting-proxy.ts'
import { SessionClient } from './session-client.ts'

/** What came of a run. */
export interface CutRun {
  readonly cuts: number
  readonly resumes: number
  readonly messages: number
  /** Everything that the model does not allow; none where all is well. */
  readonly faults: readonly string[]
}

/** Most that a client has under way. */
const mostUnderWay = 40

/** A generator of numbers from 0 to 1 that repeats with its seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One direction between two members, as the model has it: what was sent, what was answered, what has come. */
class Stream {
  readonly sent: string[] = []
  readonly answered: string[] = []
  readonly heard: string[] = []

  faults(name: string): string[] {
    const first = (list: readonly string[]) => this.sent.findIndex((each, index) => list[index] !== each)
    return [['delivered', this.heard] as const, ['answered', this.answered] as const].flatMap(
      ([what, list]) =>
        first(list) === -1 && list.length === this.sent.length
          ? []
          : [
              `${name}: ${String(this.sent.length)} sent, ${String(list.length)} ${what}, the first that differs is ${String(first(list))}`,
            ],
    )
  }
}

/**
 * Two members trickle to each other through proxies that break their connections, a third one watches the room. A model holds every message
 * against what arrives.
 *
 * @param cuts - How often a connection is cut, at a random byte.
 * @param seed - Repeats the cuts.
 * @param seams - Parts of the server to replace, to show that a fault is found.
 */
export async function runCuts(cuts: number, seed: number, seams: Seams = {}): Promise<CutRun> {
  const random = seeded(seed)
  const server = createServer({ ratePerSecond: 0, resumeSeconds: 120 }, seams)
  const { url } = await server.listen()
  let drawn = 0
  const draw = (): Cut => {
    if (drawn >= cuts) return { afterBytes: Infinity, kind: 'both' }
    drawn += 1
    // One in three while the connection opens, or the session is resumed.
    const afterBytes = Math.ceil(random() < 1 / 3 ? random() * 1200 : 1200 + random() * 12_000)
    return { afterBytes, kind: random() < 1 / 4 ? 'half-open' : 'both' }
  }
  await using proxy = await startCuttingProxy(url, draw)
  const faults: string[] = []
  const streams = { a: new Stream(), b: new Stream() }
  const done = deferred()
  const room = 'cuts'

  const member = (mine: Stream, theirs: Stream, name: string): SessionClient =>
    new SessionClient(proxy.url, {
      onFault: (fault) => {
        faults.push(`${name}: ${fault}`)
        done.resolve()
      },
      onMessage: (message) => {
        if (message['type'] === 'candidate') theirs.heard.push(String(message['id']))
        if (message['type'] === 'ok') mine.answered.push(String(message['ref']))
        if (message['type'] === 'error') faults.push(`${name}: ${String(message['code'])}`)
        pump()
      },
    })
  const a = member(streams.a, streams.b, 'a')
  const b = member(streams.b, streams.a, 'b')
  await Promise.all([a.welcomed, b.welcomed])

  const presence: Frame[] = []
  const watcher = await watch(url, room, presence)
  a.send({ type: 'join', room })
  b.send({ type: 'join', room })
  await watcher.until(() => presence.filter(({ type }) => type === 'peer-joined').length === 2)

  const isOver = () =>
    proxy.cuts >= cuts &&
    [streams.a, streams.b].every(
      ({ sent, heard, answered }) =>
        sent.length > 0 && heard.length >= sent.length && answered.length >= sent.length,
    )
  const say = (client: SessionClient, other: SessionClient, stream: Stream) => {
    while (proxy.cuts < cuts && client.unacknowledged < mostUnderWay) {
      const id = `n${String(stream.sent.length)}`
      stream.sent.push(id)
      const candidate = {
        candidate: `candidate:${id} 1 udp 1 192.0.2.7 50000 typ host`,
        sdpMid: '0',
        usernameFragment: 'EsAw',
      }
      client.send({
        type: 'candidate',
        id,
        room,
        to: other.peer,
        call: '0'.repeat(32),
        negotiation: 1,
        candidate,
      })
    }
  }
  function pump(): void {
    if (presence.filter(({ type }) => type === 'peer-joined').length < 2) return
    say(a, b, streams.a)
    say(b, a, streams.b)
    if (isOver()) done.resolve()
  }
  say(a, b, streams.a)
  say(b, a, streams.b)
  await done.promise

  faults.push(...streams.a.faults('a to b'), ...streams.b.faults('b to a'))
  const seen = presence.filter(({ type }) => type === 'peer-left' || type === 'peer-updated')
  if (seen.length > 0 || presence.length !== 2) faults.push(`the room was told: ${JSON.stringify(presence)}`)
  const resumes = a.resumes + b.resumes
  const messages = streams.a.sent.length + streams.b.sent.length
  a.close()
  b.close()
  watcher.close()
  await server.close()
  return { cuts: proxy.cuts, resumes, messages, faults }
}

/** A member without `resume`, whose connection nobody cuts: it notes what the room is told of presence. */
async function watch(url: string, room: string, presence: Frame[]) {
  const socket = new WebSocket(url, 'parley.v1', { perMessageDeflate: false })
  const joined = deferred()
  const waiting = new Set<() => void>()
  socket.on('open', () => {
    socket.send('{"type":"hello","versions":[1]}')
    socket.send(JSON.stringify({ type: 'join', room }))
  })
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Frame
    if (message['type'] === 'joined') joined.resolve()
    if (String(message['type']).startsWith('peer-')) presence.push(message)
    for (const wake of waiting) wake()
  })
  await joined.promise
  return {
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!condition()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close: () => {
      socket.close()
    },
  }
}
