/**
 * How fast the reference server relays, beside relays on a bare `ws` that check nothing: `npx tsx bench/relay.ts [runs] [ms]`.
 * Servers run in processes of their own. The same load is put on one after another in short slices, so that whatever else
 * the machine does meets all of them alike.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { maskedFrame, RawClient } from './raw-client.ts'

const kinds = ['bare', 'parley', 'json', 'coalescing'] as const
type Kind = (typeof kinds)[number]

/** `burst`: a whole side of a call in one write. `trickle`: message by message, each after the one before has arrived. */
const loads = [
  { name: 'burst, 16 pairs', pairs: 16, burst: true },
  { name: 'trickle, 16 pairs', pairs: 16, burst: false },
  { name: 'trickle, 1 pair', pairs: 1, burst: false },
] as const

interface Pair {
  readonly clients: readonly [RawClient, RawClient]
  /** What each of the two sends in one call: a description of 4 KB and twelve candidates of 250 B. */
  readonly frames: readonly [Buffer[], Buffer[]]
}

interface Sample {
  readonly perSecond: number
  /** Microseconds of the server's processor for one message. */
  readonly cpu: number
}

interface Running {
  readonly kind: Kind
  readonly child: ChildProcess
  readonly pairs: readonly Pair[]
  readonly total: { messages: number; seconds: number; cpu: number }
}

/** Milliseconds of load on one server before it is the next one's turn. */
const slice = 100

const runs = Number(process.argv[2] ?? 5)
const duration = Number(process.argv[3] ?? 2000)
const only = process.argv[4]

for (const load of loads) {
  if (only !== undefined && !load.name.includes(only)) continue
  const samples = new Map<Kind, Sample[]>(kinds.map((kind) => [kind, []]))
  for (let run = 0; run < runs; run += 1) {
    for (const [kind, sample] of await measure(load.pairs, load.burst)) samples.get(kind)?.push(sample)
  }
  report(load.name, samples)
}

async function measure(pairCount: number, burst: boolean): Promise<[Kind, Sample][]> {
  const servers: Running[] = []
  for (const kind of kinds) servers.push(await start(kind, pairCount))
  for (const { pairs } of servers) await drive(pairs, burst, 500)
  for (let spent = 0; spent < duration; spent += slice) {
    for (const { child, pairs, total } of servers) {
      const before = await cpuOf(child)
      const begin = performance.now()
      total.messages += await drive(pairs, burst, slice)
      total.seconds += (performance.now() - begin) / 1000
      total.cpu += (await cpuOf(child)) - before
    }
  }
  for (const { child } of servers) child.disconnect()
  return servers.map(({ kind, total: { messages, seconds, cpu } }) => [
    kind,
    { perSecond: messages / seconds, cpu: cpu / messages },
  ])
}

async function start(kind: Kind, pairCount: number): Promise<Running> {
  const child = fork(new URL('relay-server.ts', import.meta.url), [kind])
  const { url } = (await answer(child)) as { url: string }
  const pairs: Pair[] = []
  for (let index = 0; index < pairCount; index += 1) {
    pairs.push(await (kind === 'parley' ? join : pair)(url, index))
  }
  return { kind, child, pairs, total: { messages: 0, seconds: 0, cpu: 0 } }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  return ((await answer(child)) as { cpuMicroseconds: number }).cpuMicroseconds
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve))
}

async function pair(url: string, index: number): Promise<Pair> {
  const clients = [await RawClient.open(`${url}${index}`), await RawClient.open(`${url}${index}`)] as const
  const id = 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg'
  return { clients, frames: [call('offer', 'room', id), call('answer', 'room', id)] }
}

async function join(url: string, index: number): Promise<Pair> {
  const room = `room-${index}`
  const enter = async () => {
    const client = await RawClient.open(url)
    const joined = client.next(({ type }) => type === 'joined')
    client.send({ type: 'hello', versions: [1] })
    client.send({ type: 'join', room })
    const { self } = (await joined) as { self: { peer: string } }
    return { client, peer: self.peer }
  }
  const first = await enter()
  const known = first.client.next(({ type }) => type === 'peer-joined')
  const second = await enter()
  await known
  return {
    clients: [first.client, second.client],
    frames: [call('offer', room, second.peer), call('answer', room, first.peer)],
  }
}

function call(type: 'offer' | 'answer', room: string, to: string): Buffer[] {
  const envelope = { to, room, call: '4f9d0c2ab7e84c1fa3365b9e0d7c1822', negotiation: 1 }
  const line = 'a=rtpmap:96 VP8/90000\r\n'
  const description = { type, ...envelope, sdp: `v=0\r\n${line.repeat(155)}` }
  const candidate = {
    type: 'candidate',
    ...envelope,
    candidate: {
      candidate: 'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0',
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: 'EsAw',
    },
  }
  const texts = [description, ...Array.from({ length: 12 }, () => candidate)].map((message) =>
    JSON.stringify(message),
  )
  return texts.map(maskedFrame)
}

/** Lets all pairs call each other for a while; returns how many messages arrived. */
async function drive(pairs: readonly Pair[], burst: boolean, ms: number): Promise<number> {
  let arrived = 0
  const end = performance.now() + ms
  await Promise.all(
    pairs.map(({ clients, frames }) => {
      const bursts = frames.map((side) => Buffer.concat(side))
      return new Promise<void>((resolve) => {
        let side: 0 | 1 = 0
        let sent = 0
        let due = 0
        const next = () => {
          if (burst || sent === frames[side].length) {
            if (!burst || due === 0) side = sent === 0 ? side : side === 0 ? 1 : 0
            if (side === 0 && performance.now() >= end) {
              resolve()
              return
            }
            sent = 0
          }
          due = burst ? frames[side].length : 1
          clients[side].socket.write((burst ? bursts[side] : frames[side][sent]) as Buffer)
          sent += due
        }
        const take = (count: number) => {
          arrived += count
          due -= count
          if (due === 0) next()
        }
        clients[0].onFrames = take
        clients[1].onFrames = take
        next()
      })
    }),
  )
  return arrived
}

function report(load: string, samples: ReadonlyMap<Kind, readonly Sample[]>): void {
  const of = (kind: Kind, key: keyof Sample) => (samples.get(kind) ?? []).map((sample) => sample[key])
  const bare = median(of('bare', 'perSecond'))
  const bareCpu = median(of('bare', 'cpu'))
  process.stdout.write(
    `\n${load}: ${runs} runs, bare ws ${Math.round(bare)} messages/s, ${bareCpu.toFixed(2)} µs each\n`,
  )
  process.stdout.write('server      throughput (spread)      speed by processor time (spread)\n')
  for (const kind of kinds) {
    const ratios = of(kind, 'perSecond').map((value, run) => value / (of('bare', 'perSecond')[run] ?? bare))
    const cpuRatios = of(kind, 'cpu').map((value, run) => (of('bare', 'cpu')[run] ?? bareCpu) / value)
    process.stdout.write(`${kind.padEnd(12)}${spread(ratios).padEnd(25)}${spread(cpuRatios)}\n`)
  }
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
