/**
 * Time from a client's first frame to a data channel that has echoed, through the reference server, beside the same two peers wired directly:
 * `npx tsx bench/time-to-open.ts [pairs]`. Both ways take turns, so that whatever else the machine does meets them alike.
 */
import { once } from 'node:events'
import WebSocket from 'ws'
import { createServer } from '@parley/reference-server'
import { CallEndpoint } from '../conformance/src/peer/call-endpoint.ts'
import type { DeliveredCallMessage } from '../conformance/src/peer/call-message.ts'
import { MemoryRelay } from '../conformance/src/peer/memory-relay.ts'
import { WrtcPool } from '../conformance/src/peer/wrtc.ts'

const pairs = Number(process.argv[2] ?? 40)
const runs = 5

/** A connection to the server, before its first frame. */
interface Seat {
  readonly socket: WebSocket
  readonly peer: () => string
  calls: CallEndpoint | undefined
}

await using pool = new WrtcPool()
const server = createServer({ port: 0 })
const { url } = await server.listen()

await direct()
await through('warm-up')
const ratios: number[] = []
for (let run = 0; run < runs; run += 1) {
  const times: { direct: number[]; through: number[] } = { direct: [], through: [] }
  for (let pair = 0; pair < pairs / runs; pair += 1) {
    times.direct.push(await direct())
    times.through.push(await through(`room-${run}-${pair}`))
  }
  const [wired, served] = [median(times.direct), median(times.through)]
  ratios.push(served / wired)
  process.stdout.write(
    `run ${run + 1}: direct ${wired.toFixed(1)} ms, through the server ${served.toFixed(1)} ms, ratio ${(served / wired).toFixed(2)}\n`,
  )
}
const sorted = ratios.toSorted((a, b) => a - b)
process.stdout.write(
  `time to an open channel: ${median(ratios).toFixed(2)} of direct (${sorted[0]?.toFixed(2)} to ${sorted.at(-1)?.toFixed(2)})\n`,
)
await server.close()
await pool[Symbol.asyncDispose]()
process.exit(0)

async function direct(): Promise<number> {
  const relay = new MemoryRelay()
  const [one, other] = ['one-0123456789abcdef', 'other-0123456789abcd']
  const [a, b] = [one, other].map((peer) => {
    const calls = new CallEndpoint({ room: 'bench', peers: pool, signaling: relay.signalingOf(peer) })
    relay.attach(peer, calls)
    return calls
  }) as [CallEndpoint, CallEndpoint]
  const began = performance.now()
  return finish(began, a, b, other)
}

async function through(room: string): Promise<number> {
  const [one, other] = [await seat(room), await seat(room)]
  const began = performance.now()
  await enter(one, room)
  await enter(other, room)
  if (!one.calls || !other.calls) throw new Error('Both have entered')
  // The one that found the other offers.
  const time = await finish(began, other.calls, one.calls, one.peer())
  one.socket.close()
  other.socket.close()
  return time
}

async function finish(began: number, from: CallEndpoint, to: CallEndpoint, address: string): Promise<number> {
  const call = await from.call(address)
  const taken = await to.nextCall()
  await call.echo('open')
  const time = performance.now() - began
  await call.hangup()
  await taken.ended
  return time
}

async function seat(room: string): Promise<Seat> {
  const socket = new WebSocket(url, 'parley.v1')
  let peer = ''
  const taken: Seat = { socket, peer: () => peer, calls: undefined }
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as { type: string; peer?: string; room?: string }
    if (message.type === 'welcome') peer = message.peer ?? ''
    if (message.room === room && 'call' in message)
      taken.calls?.receive(message as unknown as DeliveredCallMessage)
  })
  await once(socket, 'open')
  return taken
}

async function enter(place: Seat, room: string): Promise<void> {
  const joined = new Promise<void>((resolve) => {
    place.socket.on('message', (data: Buffer) => {
      if ((JSON.parse(data.toString('utf8')) as { type: string }).type === 'joined') resolve()
    })
  })
  place.socket.send('{"type":"hello","versions":[1]}')
  place.socket.send(JSON.stringify({ type: 'join', room }))
  await joined
  const signaling = {
    send: (message: object) => {
      place.socket.send(JSON.stringify(message))
    },
  }
  place.calls = new CallEndpoint({ room, peers: pool, signaling })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
